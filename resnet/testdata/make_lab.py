"""Makes lab.json, what PyTorch computes with networks that lack shortcuts or norms, or have another activation than
ReLU, for package resnet's tests.

    /usr/bin/python3 make_lab.py

Weights and the picture are those of internal/hashnet, see hashnet.py. For each network the file has:
  config    as in a model file's metadata
  logits    all of them
  blocks    of every block the Euclidean norms of what the shortcut brings (0 without one), of F and of the output
  adds      of every block, for F and for y, what each channel adds to CLASS's logit to first order: the sum over all
            positions of its value times the logit's gradient with respect to it
  gradcam   Grad-CAM for CLASS of y in the block BLOCK, 8x8
Made with torch 1.13.
"""
import json
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from hashnet import normal, value

SIZE, WIDTH, CLASSES, CLASS, BLOCK = 16, 8, 5, 2, 1
ACTIVATIONS = {"": F.relu, "leaky-relu": F.leaky_relu, "tanh": torch.tanh, "silu": F.silu}


def conv(cin, cout, size, stride, bias):
    return nn.Conv2d(cin, cout, size, stride, size // 2, bias=bias)


class Block(nn.Module):
    def __init__(self, net, cin, cout, stride):
        super().__init__()
        self.act, self.plain, self.pre = net.act, net.plain, net.pre
        self.conv1, self.conv2 = conv(cin, cout, 3, stride, net.bare), conv(cout, cout, 3, 1, net.bare)
        self.bn1, self.bn2 = net.norm(cin if self.pre else cout), net.norm(cout)
        self.downsample = None
        if not self.plain and (stride != 1 or cin != cout):
            self.downsample = nn.Sequential(conv(cin, cout, 1, stride, False), *([] if self.pre else [net.norm(cout)]))

    def forward(self, x):
        h = self.act(self.bn1(x)) if self.pre else x
        if self.pre:
            self.f = self.conv2(self.act(self.bn2(self.conv1(h))))
        else:
            self.f = self.bn2(self.conv2(self.act(self.bn1(self.conv1(h)))))
        self.x = self.downsample(h) if self.downsample else x
        z = self.f if self.plain else self.x + self.f
        self.y = z if self.pre else self.act(z)
        for part in (self.f, self.y):
            part.retain_grad()
        return self.y


class Net(nn.Module):
    """A residual or plain network of three stages for small pictures."""

    def __init__(self, join="add", noNorm=False, activation="", preActivation=False):
        super().__init__()
        self.plain, self.bare, self.pre, self.act = join == "none", noNorm, preActivation, ACTIVATIONS[activation]
        self.conv1, cin = conv(3, WIDTH, 3, 1, noNorm), WIDTH
        self.bn1 = nn.Identity() if preActivation else self.norm(WIDTH)
        self.blocks = []
        for stage in range(3):
            block = Block(self, cin, WIDTH << stage, 2 if stage else 1)
            setattr(self, f"layer{stage + 1}", nn.Sequential(block))
            self.blocks.append(block)
            cin = WIDTH << stage
        # "norm" is the last norm's name in the file; here it is a method.
        self.last = self.norm(cin) if preActivation else nn.Identity()
        self.fc = nn.Linear(cin, CLASSES)

    def norm(self, channels):
        return nn.Identity() if self.bare else nn.BatchNorm2d(channels)

    def forward(self, x):
        x = self.conv1(x)
        if not self.pre:
            x = self.act(self.bn1(x))
        for block in self.blocks:
            x = block(x)
        if self.pre:
            x = self.act(self.last(x))
        return self.fc(x.mean((2, 3)))


def rounded(values):
    return [float(f"{v:.7g}") for v in values]


def adds(part):
    return rounded((part * part.grad).double().sum((0, 2, 3)).tolist())


def gradcam(part):
    weights = part.grad.mean((2, 3), keepdim=True)
    return rounded(F.relu((weights * part).sum(1)).flatten().tolist())


def golden(settings):
    net = Net(**settings).eval()
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                tensor.copy_(value(name.replace("last.", "norm."), tensor.shape))
    picture = normal("picture", SIZE * SIZE * 3).astype(np.float32).reshape(SIZE, SIZE, 3)
    logits = net(torch.from_numpy(picture).permute(2, 0, 1)[None])[0]
    logits[CLASS].backward()
    config = {
        "block": "basic", "layers": [1, 1, 1], "width": WIDTH, "expansion": 1, "stem": "cifar", "normEpsilon": 1e-5,
        "join": "add", "classes": CLASSES, **settings,
    }
    norm = lambda part: part.double().norm().item()
    return {
        "config": config,
        "logits": rounded(logits.tolist()),
        "blocks": [rounded((0 if net.plain else norm(b.x), norm(b.f), norm(b.y))) for b in net.blocks],
        "adds": [{"f": adds(b.f), "y": adds(b.y)} for b in net.blocks],
        "gradcam": gradcam(net.blocks[BLOCK].y),
    }


def main():
    out = {
        "plain": golden({"join": "none"}),
        "plain without norms": golden({"join": "none", "noNorm": True}),
        "without norms": golden({"noNorm": True}),
        "leaky ReLU": golden({"activation": "leaky-relu"}),
        "tanh": golden({"activation": "tanh"}),
        "SiLU": golden({"activation": "silu"}),
        "SiLU without norms": golden({"activation": "silu", "noNorm": True}),
        "plain pre-activation": golden({"join": "none", "preActivation": True}),
        "pre-activation without norms": golden({"preActivation": True, "noNorm": True, "activation": "leaky-relu"}),
        "pre-activation SiLU": golden({"preActivation": True, "activation": "silu"}),
        "plain pre-activation tanh": golden({"join": "none", "preActivation": True, "activation": "tanh"}),
    }
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "lab.json"), "w") as f:
        lines = (f'"{k}":{json.dumps(v, separators=(",", ":"))}' for k, v in out.items())
        f.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
