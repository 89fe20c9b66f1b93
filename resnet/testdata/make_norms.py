"""Makes norms.json, what PyTorch computes with the statistics of norms taken anew from some pictures (AdaBN), for package resnet's tests.

    /usr/bin/python3 make_norms.py

The networks are small; their weights are those of internal/hashnet, by the same formula, and the pictures are noise, which the Go test has
too. Ten pictures go through a network in batches of 3, 3 and 4, in training mode with a momentum of None. For each network the file has:
  config    resnet.Config
  size      the pictures' side
  features  the means of the last block's output (with pre-activation, after the last norm) of the first picture, in eval mode
  norms     of each norm, by name, the sums over its channels of the means' and the variances' squares
Made with torch 1.13.
"""
import json
import os

import numpy as np
import torch
import torch.nn as nn

from hashnet import value

PICTURES, BATCHES = 10, (3, 3, 4)


def picture(i, size):
    """Picture i: a linear congruential generator, stretched and moved."""
    state, out = i + 1, []
    for _ in range(size * size * 3):
        state = (state * 1664525 + 1013904223) % 2**32
        out.append(((state >> 8) / 2**23 - 1) * (1 + i % 3) + (i % 2) / 2)
    return torch.tensor(np.array(out, np.float32).reshape(size, size, 3)).permute(2, 0, 1)


class Block(nn.Module):
    """A residual block with a projection where the shape changes; with pre-activation the norms come before the convolutions."""

    def __init__(self, c, cin, width, cout, stride):
        super().__init__()
        if c["block"] == "basic":
            shapes = [(cin, width, 3, stride), (width, cout, 3, 1)]
        else:
            shapes = [(cin, width, 1, 1), (width, width, 3, stride), (width, cout, 1, 1)]
        self.count, self.pre = len(shapes), c.get("preActivation", False)
        for i, (a, b, size, s) in enumerate(shapes, 1):
            setattr(self, f"conv{i}", nn.Conv2d(a, b, size, s, size // 2, bias=False))
            setattr(self, f"bn{i}", nn.BatchNorm2d(a if self.pre else b, eps=c["normEpsilon"]))
        self.downsample = None
        if stride != 1 or cin != cout:
            norm = [] if self.pre else [nn.BatchNorm2d(cout, eps=c["normEpsilon"])]
            self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), *norm)

    def forward(self, x):
        h = torch.relu(self.bn1(x)) if self.pre else x
        s = self.downsample(h) if self.downsample else x
        for i in range(1, self.count + 1):
            if self.pre:
                h = getattr(self, f"conv{i}")(h if i == 1 else torch.relu(getattr(self, f"bn{i}")(h)))
            else:
                h = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(h))
                h = torch.relu(h) if i < self.count else h
        return h + s if self.pre else torch.relu(h + s)


class Net(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.imagenet, self.pre = c["stem"] == "imagenet", c.get("preActivation", False)
        self.conv1 = nn.Conv2d(3, c["width"], *((7, 2, 3) if self.imagenet else (3, 1, 1)), bias=False)
        cin = c["width"]
        if not self.pre:
            self.bn1 = nn.BatchNorm2d(cin, eps=c["normEpsilon"])
        self.stages = len(c["layers"])
        for stage, n in enumerate(c["layers"]):
            width = c["width"] << stage
            blocks = []
            for j in range(n):
                blocks.append(Block(c, cin, width, width * c["expansion"], 2 if stage and j == 0 else 1))
                cin = width * c["expansion"]
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        if self.pre:
            self.norm = nn.BatchNorm2d(cin, eps=c["normEpsilon"])

    def forward(self, x):
        x = self.conv1(x)
        x = x if self.pre else torch.relu(self.bn1(x))
        if self.imagenet:
            x = nn.functional.max_pool2d(x, 3, 2, 1)
        for i in range(self.stages):
            x = getattr(self, f"layer{i + 1}")(x)
        if self.pre:
            x = torch.relu(self.norm(x))
        return x.mean((2, 3))


@torch.no_grad()
def golden(size, **config):
    config = {"normEpsilon": 1e-5, "join": "add", "classes": 4, "expansion": 1, **config}
    net = Net(config)
    for name, tensor in net.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            tensor.copy_(value(name, tensor.shape))
    x = torch.stack([picture(i, size) for i in range(PICTURES)])
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.momentum = None
            m.reset_running_stats()
    net.train()
    for batch in torch.split(x, BATCHES):
        net(batch)
    net.eval()
    shorter = lambda values: [float(f"{v:.7g}") for v in values]
    norms = {name: shorter([m.running_mean.double().square().sum().item(), m.running_var.double().square().sum().item()])
             for name, m in net.named_modules() if isinstance(m, nn.BatchNorm2d)}
    return {"config": config, "size": size, "features": shorter(net(x[:1])[0].tolist()), "norms": norms}


out = {
    "basic": golden(41, block="basic", layers=[2, 1, 2], width=8, stem="imagenet"),
    "bottleneck": golden(64, block="bottleneck", layers=[2, 2, 2], width=16, expansion=4, strideIn="3x3", stem="imagenet", normEpsilon=1e-3),
    "small pictures": golden(16, block="basic", layers=[1, 2], width=12, stem="cifar"),
    "pre-activation": golden(33, block="basic", layers=[1, 2], width=8, stem="imagenet", preActivation=True),
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "norms.json"), "w") as f:
    f.write("{\n" + ",\n".join(f'"{k}":{json.dumps(v, separators=(",", ":"))}' for k, v in out.items()) + "\n}\n")
