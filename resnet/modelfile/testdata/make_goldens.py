"""Writes the small networks that the tests of modelfile, statedict and onnx read, with the logits that PyTorch computes of them.

    /usr/bin/python3 resnet/modelfile/testdata/make_goldens.py

It needs Debian's python3-torch, python3-torchvision and python3-onnx (which torch.onnx.export asks for). Blocks are torchvision's own
where it has them. Weights are random, running statistics are not 0 and 1, and the input is a formula, so that no picture is kept.
"""
import io
import json
import math
import os
import struct

import numpy as np
import onnx
from onnx import numpy_helper
import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision.models.resnet import BasicBlock, Bottleneck, conv1x1, conv3x3

HERE = os.path.dirname(os.path.abspath(__file__))
SIDE, CLASSES, WIDTH = 32, 5, 4


class Join(nn.Module):
    """A block with another join than the sum, of which torchvision's is a special case."""

    def __init__(self, inner, kind):
        super().__init__()
        self.inner, self.kind = inner, kind

    def forward(self, x):
        b = self.inner
        f = b.bn2(b.conv2(torch.relu(b.bn1(b.conv1(x)))))
        x = b.downsample(x) if b.downsample is not None else x
        y = {"product": lambda: x * f, "maximum": lambda: torch.maximum(x, f), "gate": lambda: x * torch.sigmoid(f) + f}[self.kind]()
        return torch.relu(y)


class ArticleBlock(nn.Module):
    """The founding article's: no norm after the second convolution."""

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = conv3x3(cin, cout, stride)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = conv3x3(cout, cout)
        self.shortcut = nn.Sequential()
        if stride != 1 or cin != cout:
            self.shortcut = nn.Sequential(conv1x1(cin, cout, stride), nn.BatchNorm2d(cout))

    def forward(self, x):
        return torch.relu(self.conv2(torch.relu(self.bn1(self.conv1(x)))) + self.shortcut(x))


class PadBlock(nn.Module):
    """Option A: zeros behind the other channels, or on both sides of them, as an early CIFAR implementation has it."""

    def __init__(self, cin, cout, stride, both=False):
        super().__init__()
        self.conv1, self.bn1 = conv3x3(cin, cout, stride), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = conv3x3(cout, cout), nn.BatchNorm2d(cout)
        self.stride, self.before = stride, (cout - cin) // 2 if both else 0
        self.behind = cout - cin - self.before

    def forward(self, x):
        f = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        if self.stride != 1:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.before, self.behind))
        return torch.relu(f + x)


class PreBlock(nn.Module):
    """timm's pre-activation bottleneck: F and the projection read what the first norm and ReLU give."""

    def __init__(self, cin, inner, cout, stride):
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(cin), conv1x1(cin, inner)
        self.norm2, self.conv2 = nn.BatchNorm2d(inner), conv3x3(inner, inner, stride)
        self.norm3, self.conv3 = nn.BatchNorm2d(inner), conv1x1(inner, cout)
        self.downsample = None
        if stride != 1 or cin != cout:
            self.downsample = nn.Module()
            self.downsample.conv = conv1x1(cin, cout, stride)

    def forward(self, x):
        a = torch.relu(self.norm1(x))
        shortcut = x if self.downsample is None else self.downsample.conv(a)
        return shortcut + self.conv3(torch.relu(self.norm3(self.conv2(torch.relu(self.norm2(self.conv1(a)))))))


class Net(nn.Module):
    """torchvision's ResNet, but of any width."""

    def __init__(self, blocks, features, stem="imagenet", linear_stem=False, pre=False, head="flatten"):
        super().__init__()
        self.imagenet, self.linear_stem, self.pre, self.head = stem == "imagenet", linear_stem, pre, head
        self.conv1 = nn.Conv2d(3, WIDTH, 7, 2, 3, bias=False) if self.imagenet else conv3x3(3, WIDTH)
        self.bn1 = nn.Identity() if pre else nn.BatchNorm2d(WIDTH)
        for i, stage in enumerate(blocks, 1):
            setattr(self, f"layer{i}", nn.Sequential(*stage))
        self.stages = len(blocks)
        self.norm = nn.BatchNorm2d(features) if pre else nn.Identity()
        self.fc = nn.Linear(features, CLASSES)

    def forward(self, x):
        x = self.bn1(self.conv1(x))
        if not self.linear_stem and not self.pre:
            x = torch.relu(x)
        if self.imagenet:
            x = F.max_pool2d(x, 3, 2, 1)
        for i in range(1, self.stages + 1):
            x = getattr(self, f"layer{i}")(x)
        if self.pre:
            x = torch.relu(self.norm(x))
        if self.head == "mean":
            return torch.softmax(x.mean((2, 3)) @ self.fc.weight.T + self.fc.bias, 1)
        x = F.adaptive_avg_pool2d(x, 1)
        x = x.view(x.size(0), -1) if self.head == "view" else torch.flatten(x, 1)
        return self.fc(F.dropout(x, 0.2, self.training))


def down(cin, cout, stride):
    return nn.Sequential(conv1x1(cin, cout, stride), nn.BatchNorm2d(cout))


def basic(join=None):
    a = BasicBlock(WIDTH, WIDTH)
    b = BasicBlock(WIDTH, 2 * WIDTH, 2, down(WIDTH, 2 * WIDTH, 2))
    wrap = (lambda block: Join(block, join)) if join else (lambda block: block)
    return [[wrap(a)], [wrap(b)]]


def bottleneck(groups=1, width=64, v1=False):
    def block(cin, planes, stride):
        b = Bottleneck(cin, planes, stride, down(cin, 4 * planes, stride), groups, width)
        if v1:
            b.conv1.stride, b.conv2.stride = b.conv2.stride, b.conv1.stride
        return b
    return [[block(WIDTH, WIDTH, 1), Bottleneck(4 * WIDTH, WIDTH, groups=groups, base_width=width)], [block(4 * WIDTH, 2 * WIDTH, 2)]]


def seeded(net, seed):
    g = torch.Generator().manual_seed(seed)
    for m in net.modules():
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            m.weight.data.normal_(0, math.sqrt(1.5 / m.weight[0].numel()), generator=g)
            if m.bias is not None:
                m.bias.data.normal_(0, 0.3, generator=g)
        if isinstance(m, nn.BatchNorm2d):
            m.running_mean.normal_(0, 0.2, generator=g)
            m.running_var.uniform_(0.5, 1.5, generator=g)
            m.weight.data.uniform_(0.7, 1.3, generator=g)
            m.bias.data.normal_(0, 0.2, generator=g)
    return net.eval()


def picture():
    """The input as the tests make it: H×W×3, from −1 to 1."""
    i = np.arange(SIDE * SIDE * 3, dtype=np.uint64)
    x = ((i * 2654435761 + 12345) % 2**32).astype(np.float64) / 2**31 - 1
    return torch.tensor(x.astype(np.float32).reshape(SIDE, SIDE, 3).transpose(2, 0, 1)[None].copy())


def safetensors(path, tensors, metadata=None):
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, t in tensors.items():
        kind = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64"}[t.dtype]
        raw = t.contiguous().view(torch.int16).numpy().tobytes() if t.dtype == torch.bfloat16 else t.contiguous().numpy().tobytes()
        header[name] = {"dtype": kind, "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(HERE, path), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def to_transformers(name):
    p = name.split(".")
    layer = {"conv": "convolution", "bn": "normalization"}
    if p[0] in ("conv1", "bn1"):
        return f"resnet.embedder.embedder.{layer[p[0][:-1]]}.{p[1]}"
    if p[0] == "fc":
        return f"classifier.1.{p[1]}"
    at = f"resnet.encoder.stages.{int(p[0][5:]) - 1}.layers.{p[1]}."
    if p[2] == "downsample":
        return at + "shortcut." + ("convolution" if p[3] == "0" else "normalization") + "." + p[4]
    return at + f"layer.{int(p[2][-1]) - 1}.{layer[p[2][:-1]]}.{p[3]}"


def to_timm_v2(name):
    p = name.split(".")
    if p[0] == "conv1":
        return "stem.conv." + p[1]
    if p[0] == "fc":
        return "head.fc." + p[1]
    if p[0] == "norm":
        return name
    return f"stages.{int(p[0][5:]) - 1}.blocks.{p[1]}." + ".".join(p[2:])


goldens = {}


def note(name, net, config):
    with torch.no_grad():
        goldens[name] = {"config": config, "logits": [float(v) for v in net(picture())[0]]}


def config(block, layers, **more):
    c = {"block": block, "layers": layers, "width": WIDTH, "expansion": 1 if block == "basic" else 4, "stem": "imagenet",
         "normEpsilon": 1e-5, "join": "add", "classes": CLASSES}
    if block == "bottleneck":
        c["strideIn"] = "3x3"
    c.update(more)
    return c


def save(name, net, dtype, config, rename=lambda name: name, metadata=None, counters=True):
    """The weights are rounded first, so that the logits are those of what is in the file."""
    for t in list(net.parameters()) + list(net.buffers()):
        if t.is_floating_point():
            t.data = t.data.to(dtype).to(torch.float32)
    tensors = {}
    for key, t in net.state_dict().items():
        if t.is_floating_point():
            tensors[rename(key)] = t.to(dtype)
            if rename(key) == "head.fc.weight":
                tensors[rename(key)] = t.to(dtype)[:, :, None, None]
        elif counters:
            tensors[rename(key)] = t
    safetensors(name, tensors, metadata)
    note(name, net, config)


def export(name, net, config, keep_norms=False, opset=13, dynamic=False, half=False):
    buffer = io.BytesIO()
    training = torch.onnx.TrainingMode.PRESERVE if keep_norms else torch.onnx.TrainingMode.EVAL
    torch.onnx.export(net, picture(), buffer, opset_version=opset, training=training, do_constant_folding=not keep_norms,
                      input_names=["input"], output_names=["output"],
                      dynamic_axes={"input": {0: "batch", 2: "height", 3: "width"}} if dynamic else None)
    model = onnx.load_from_string(buffer.getvalue())
    if half:  # as converters to float16 do it
        for t in model.graph.initializer:
            if t.data_type == onnx.TensorProto.FLOAT:
                t.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(t).astype(np.float16), t.name))
    onnx.save(model, os.path.join(HERE, name))
    note(name, net, config)


def main():
    torch.set_num_threads(1)
    v1 = config("bottleneck", [2, 1], strideIn="1x1")
    save("torchvision-basic.safetensors", seeded(Net(basic(), 2 * WIDTH), 1), torch.float32, config("basic", [1, 1]))
    save("transformers-bottleneck.safetensors", seeded(Net(bottleneck(), 8 * WIDTH), 2), torch.float16, config("bottleneck", [2, 1]), to_transformers)
    save("transformers-v1.safetensors", seeded(Net(bottleneck(v1=True), 8 * WIDTH), 3), torch.float16, v1, to_transformers, counters=False)
    save("torchvision-resnext.safetensors", seeded(Net(bottleneck(2, 128), 8 * WIDTH), 4), torch.bfloat16,
         config("bottleneck", [2, 1], groups=2, groupWidth=128), lambda name: "module." + name, {"format": "pt"})
    article = Net([[ArticleBlock(WIDTH, WIDTH, 1)], [ArticleBlock(WIDTH, 2 * WIDTH, 2)]], 2 * WIDTH, linear_stem=True)
    article_config = config("basic", [1, 1], linearStem=True, noLastNorm=True)
    save("article.safetensors", seeded(article, 5), torch.float32, article_config)
    cifar = Net([[PadBlock(WIDTH, WIDTH, 1)], [PadBlock(WIDTH, 2 * WIDTH, 2)]], 2 * WIDTH, stem="cifar")
    cifar_config = config("basic", [1, 1], stem="cifar", shortcut="pad")
    save("cifar-pad.safetensors", seeded(cifar, 6), torch.float32, cifar_config)
    both = Net([[PadBlock(WIDTH, WIDTH, 1)], [PadBlock(WIDTH, 2 * WIDTH, 2, True), PadBlock(2 * WIDTH, 2 * WIDTH, 1)],
                [PadBlock(2 * WIDTH, 4 * WIDTH, 2, True)]], 4 * WIDTH, stem="cifar")
    both_config = config("basic", [1, 2, 1], stem="cifar", shortcut="pad")
    save("cifar-both.safetensors", seeded(both, 8), torch.float16, both_config, lambda name: name.replace("fc.", "linear."))
    pre = lambda stem: Net([[PreBlock(WIDTH, WIDTH, 4 * WIDTH, 1), PreBlock(4 * WIDTH, WIDTH, 4 * WIDTH, 1)],
                            [PreBlock(4 * WIDTH, 2 * WIDTH, 8 * WIDTH, 2)]], 8 * WIDTH, stem=stem, pre=True)
    pre_config = config("bottleneck", [2, 1], preActivation=True)
    save("timm-v2.safetensors", seeded(pre("imagenet"), 7), torch.float16, pre_config, to_timm_v2)

    export("basic-folded.onnx", seeded(Net(basic(), 2 * WIDTH), 11), config("basic", [1, 1]))
    export("bottleneck-norms.onnx", seeded(Net(bottleneck(), 8 * WIDTH, head="view"), 12), config("bottleneck", [2, 1]), True, dynamic=True)
    export("v1-folded.onnx", seeded(Net(bottleneck(v1=True), 8 * WIDTH), 13), v1, opset=11)
    export("resnext-folded.onnx", seeded(Net(bottleneck(2, 128), 8 * WIDTH, head="mean"), 14), config("bottleneck", [2, 1], groups=2, groupWidth=128))
    export("article-folded.onnx", seeded(article, 15), article_config)
    export("cifar-pad-folded.onnx", seeded(cifar, 16), cifar_config)
    export("cifar-both-folded.onnx", seeded(both, 31), both_config)
    export("v2-folded.onnx", seeded(pre("imagenet"), 17), pre_config)
    export("v2-cifar-folded.onnx", seeded(pre("cifar"), 18), config("bottleneck", [2, 1], preActivation=True, stem="cifar"))
    export("v2-norms.onnx", seeded(pre("cifar"), 19), config("bottleneck", [2, 1], preActivation=True, stem="cifar"), True)
    for i, kind in enumerate(["product", "maximum", "gate"]):
        export(f"{kind}-folded.onnx", seeded(Net(basic(kind), 2 * WIDTH), 20 + i), config("basic", [1, 1], join=kind))
    half = seeded(Net(basic(), 2 * WIDTH), 30)
    export("half-norms.onnx", half, config("basic", [1, 1]), True, half=True)
    for t in list(half.parameters()) + list(half.buffers()):
        if t.is_floating_point():
            t.data = t.data.half().float()
    note("half-norms.onnx", half, config("basic", [1, 1]))
    with open(os.path.join(HERE, "goldens.json"), "w") as f:
        json.dump(goldens, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    main()
