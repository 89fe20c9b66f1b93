"""Makes presets.json, what PyTorch computes with every preset, for package resnet's tests.

    /usr/bin/python3 make_presets.py ARTICLE

ARTICLE is the founding article's network in PyTorch, article_resnet.py. ResNets and their kin are torchvision's, the networks for small
pictures and those with pre-activation are defined below. Weights and the picture are those of internal/hashnet, by the same formula.
For each preset the file has:
  input   the picture's size
  logits  all of them; there are CLASSES
  blocks  of every residual block the Euclidean norms of what the shortcut brings, of F and of the block's output
Made with torch 1.13 and torchvision 0.14.
"""
import importlib.util
import json
import os
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision.models as models
from torchvision.models.resnet import Bottleneck

from hashnet import normal, value

CLASSES = 40
LAYERS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


class V1(nn.Module):
    """A basic block whose shortcut has no weights: every other pixel, and zeros for the channels that are new."""

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.stride, self.new = stride, cout - cin
        self.conv1, self.bn1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)

    def forward(self, x):
        self.f = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        self.x = F.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, 0, self.new))
        return torch.relu(self.x + self.f)


class V2(nn.Module):
    """A block with pre-activation, of 3x3 convolutions or of 1x1, 3x3, 1x1."""

    def __init__(self, cin, width, cout, stride, bottleneck):
        super().__init__()
        shapes = [(cin, width, 1, 1), (width, width, 3, stride), (width, cout, 1, 1)] if bottleneck else [(cin, width, 3, stride), (width, cout, 3, 1)]
        self.count = len(shapes)
        for i, (a, b, size, s) in enumerate(shapes, 1):
            setattr(self, f"bn{i}", nn.BatchNorm2d(a))
            setattr(self, f"conv{i}", nn.Conv2d(a, b, size, s, size // 2, bias=False))
        self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False)) if stride != 1 or cin != cout else None

    def forward(self, x):
        h = torch.relu(self.bn1(x))
        self.x = self.downsample(h) if self.downsample else x
        for i in range(1, self.count + 1):
            h = getattr(self, f"conv{i}")(h if i == 1 else torch.relu(getattr(self, f"bn{i}")(h)))
        self.f = h
        return self.x + self.f


class Net(nn.Module):
    """A stem, stages of blocks, for pre-activation a last norm, and a linear layer."""

    def __init__(self, stem, blocks, features, last):
        super().__init__()
        self.conv1, self.pool = stem, stem.kernel_size == (7, 7)
        if not last:
            self.bn1 = nn.BatchNorm2d(stem.out_channels)
        self.stages = len(blocks)
        for i, stage in enumerate(blocks, 1):
            setattr(self, f"layer{i}", nn.Sequential(*stage))
        self.norm = nn.BatchNorm2d(features) if last else None
        self.fc = nn.Linear(features, CLASSES)

    def forward(self, x):
        x = self.conv1(x)
        if not self.norm:
            x = torch.relu(self.bn1(x))
        if self.pool:
            x = F.max_pool2d(x, 3, 2, 1)
        for i in range(1, self.stages + 1):
            x = getattr(self, f"layer{i}")(x)
        if self.norm:
            x = torch.relu(self.norm(x))
        return self.fc(x.mean((2, 3)))


def cifar(n):
    blocks, cin = [], 16
    for stage in range(3):
        cout = 16 << stage
        blocks.append([V1(cin if i == 0 else cout, cout, 2 if stage and i == 0 else 1) for i in range(n)])
        cin = cout
    return Net(nn.Conv2d(3, 16, 3, 1, 1, bias=False), blocks, 64, False)


def v2(depth):
    blocks, cin, bottleneck = [], 64, depth >= 50
    for stage, n in enumerate(LAYERS[depth]):
        width = 64 << stage
        cout = width * 4 if bottleneck else width
        blocks.append([V2(cin if i == 0 else cout, width, cout, 2 if stage and i == 0 else 1, bottleneck) for i in range(n)])
        cin = cout
    return Net(nn.Conv2d(3, 64, 7, 2, 3, bias=False), blocks, cin, True)


def v1(depth):
    """torchvision's network with the stride in each bottleneck's first convolution."""
    net = getattr(models, f"resnet{depth}")(num_classes=CLASSES)
    for m in net.modules():
        if isinstance(m, Bottleneck):
            m.conv1.stride, m.conv2.stride = m.conv2.stride, m.conv1.stride
    return net


def article(path, depth):
    spec = importlib.util.spec_from_file_location("article", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    net = module.ResNet(LAYERS[depth], CLASSES)
    forward = net.forward
    net.forward = lambda x: forward(x, [])
    return net


def parts(block, x):
    """What the shortcut brings and F of a block, of its input."""
    if hasattr(block, "f"):
        return block.x, block.f
    if hasattr(block, "shortcut"):  # the article's
        return block.shortcut(x), block.conv2(torch.relu(block.bn1(block.conv1(x))))
    f = torch.relu(block.bn1(block.conv1(x)))
    f = block.bn2(block.conv2(f))
    if hasattr(block, "conv3"):
        f = block.bn3(block.conv3(torch.relu(f)))
    return block.downsample(x) if block.downsample else x, f


def golden(net, size):
    net.eval()
    for name, tensor in net.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            tensor.copy_(value(name.replace("shortcut", "downsample"), tensor.shape))
    blocks = []

    def look(block, inputs, output):
        x, f = parts(block, inputs[0])
        y = x + f if isinstance(block, V2) else torch.relu(x + f)
        assert torch.allclose(y, output, rtol=1e-4, atol=1e-4 * output.abs().max().item()), "these are not the block's parts"
        blocks.append([float(f"{part.double().norm():.6g}") for part in (x, f, output)])

    for name, m in net.named_modules():
        if name.startswith("layer") and name.count(".") == 1:
            m.register_forward_hook(look)
    picture = normal("picture", size * size * 3).astype(np.float32).reshape(size, size, 3)
    logits = net(torch.from_numpy(picture).permute(2, 0, 1)[None])[0]
    return {"input": size, "logits": [float(f"{v:.7g}") for v in logits.tolist()], "blocks": blocks}


@torch.no_grad()
def main(article_path):
    nets = {f"resnet{d}": (lambda d=d: getattr(models, f"resnet{d}")(num_classes=CLASSES)) for d in LAYERS}
    nets.update({f"resnet{d}_v1": (lambda d=d: v1(d)) for d in (50, 101, 152)})
    nets.update({f"resnet{d}_v2": (lambda d=d: v2(d)) for d in LAYERS})
    nets.update({n: (lambda n=n: getattr(models, n)(num_classes=CLASSES)) for n in ("resnext50_32x4d", "wide_resnet50_2")})
    nets.update({f"resnet{6 * n + 2}": (lambda n=n: cifar(n)) for n in (3, 5, 7, 9, 18)})
    nets.update({f"article{d}": (lambda d=d: article(article_path, d)) for d in (18, 34)})
    small = {f"resnet{6 * n + 2}": 32 for n in (3, 5, 7, 9, 18)}
    out = {}
    for name, make in nets.items():
        # 75 pixels leave 38, 19, 10, 5 and 3: every stage has an odd or a ragged size.
        out[name] = golden(make(), 224 if name == "resnet18" else small.get(name, 75))
        print(name, out[name]["logits"][:3], out[name]["blocks"][-1])
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "presets.json"), "w") as f:
        f.write("{\n" + ",\n".join(f'"{k}":{json.dumps(v, separators=(",", ":"))}' for k, v in out.items()) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1])
