"""Makes steps.json: what five steps of training come to in PyTorch, for package train's tests.

    /usr/bin/python3 steps.py

Weights and pictures come from the formula of internal/hashnet, so that only the results stand in the file: for each case the loss and the gradient's norm before each step, the logits of all pictures after the last by the running statistics, and of each tensor
then its Euclidean norm and two of its values, those at a third and two thirds of PyTorch's order. Made with torch 1.13.
"""
import json
import math
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "testdata"))
from hashnet import normal, value  # noqa: E402

torch.set_num_threads(1)
STEPS, PICTURES, SIZE, CLASSES = 5, 8, 16, 4

JOINS = {
    "add": torch.add,
    "none": lambda x, f: f,
    "product": torch.mul,
    "maximum": torch.maximum,
    "gate": lambda x, f: x * torch.sigmoid(f) + f,
}
ACTIVATIONS = {"": F.relu, "leaky-relu": F.leaky_relu, "tanh": torch.tanh, "silu": F.silu}


def norm(c, channels):
    return nn.Identity() if c["noNorm"] else nn.BatchNorm2d(channels)


def conv(c, cin, cout, size, stride, groups=1):
    return nn.Conv2d(cin, cout, size, stride, size // 2, groups=groups, bias=c["noNorm"])


class Block(nn.Module):
    def __init__(self, c, cin, width, cout, stride):
        super().__init__()
        self.c, self.act, self.join = c, ACTIVATIONS[c["activation"]], JOINS[c["join"]]
        if c["block"] == "basic":
            shapes = [(cin, width, 3, stride, 1), (width, cout, 3, 1, 1)]
        else:
            shapes = [(cin, width, 1, 1, 1), (width, width, 3, stride, c["groups"]), (width, cout, 1, 1, 1)]
        self.n = len(shapes)
        for i, (a, b, size, s, groups) in enumerate(shapes):
            setattr(self, f"conv{i + 1}", conv(c, a, b, size, s, groups))
            last = c["noLastNorm"] and i == self.n - 1
            setattr(self, f"bn{i + 1}", nn.Identity() if last else norm(c, a if c["preActivation"] else b))
        self.changes, self.pads, self.stride, self.more = stride != 1 or cin != cout, c["shortcut"] == "pad", stride, cout - cin
        if self.changes and not self.pads and c["join"] != "none":
            projection = nn.Conv2d(cin, cout, 1, stride, bias=False)
            self.downsample = nn.Sequential(projection) if c["preActivation"] else nn.Sequential(projection, norm(c, cout))

    def forward(self, x):
        pre, shortcut = self.c["preActivation"], x
        h = self.act(self.bn1(x)) if pre else x
        if self.changes and self.pads:
            shortcut = F.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, 0, self.more))
        elif self.changes and self.c["join"] != "none":
            shortcut = self.downsample(h)
        for i in range(1, self.n + 1):
            if pre:
                h = getattr(self, f"conv{i}")(h if i == 1 else self.act(getattr(self, f"bn{i}")(h)))
            else:
                h = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(h))
                h = self.act(h) if i < self.n else h
        y = self.join(shortcut, h)
        return y if pre else self.act(y)


class Net(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c, self.act = c, ACTIVATIONS[c["activation"]]
        large = c["stem"] == "imagenet"
        self.conv1 = conv(c, 3, c["width"], 7 if large else 3, 2 if large else 1)
        self.bn1 = nn.Identity() if c["preActivation"] else norm(c, c["width"])
        self.pool = nn.MaxPool2d(3, 2, 1) if large else nn.Identity()
        cin = c["width"]
        for stage, n in enumerate(c["layers"]):
            blocks = []
            for i in range(n):
                width = c["width"] << stage
                cout = width * c["expansion"]
                inner = width * c["groupWidth"] // 64 * c["groups"] if c["block"] == "bottleneck" else width
                blocks.append(Block(c, cin, inner, cout, 2 if stage > 0 and i == 0 else 1))
                cin = cout
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        if c["preActivation"]:
            self.norm = norm(c, cin)
        self.fc = nn.Linear(cin, CLASSES)

    def forward(self, x):
        h = self.bn1(self.conv1(x))
        if not linear_stem(self.c):
            h = self.act(h)
        h = self.pool(h)
        for stage in range(len(self.c["layers"])):
            h = getattr(self, f"layer{stage + 1}")(h)
        if self.c["preActivation"]:
            h = self.act(self.norm(h))
        return self.fc(h.mean((2, 3)))


def linear_stem(c):
    return c["linearStem"] or c["preActivation"]


def fill(net):
    """Sets the weights and the running statistics by the formula."""
    for name, v in net.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            v.copy_(value(name, tuple(v.shape)))


def rate_of(s, step):
    rate, done = s["rate"], step / STEPS
    if s["decay"] == "step":
        rate *= 0.01 if done >= 0.75 else 0.1 if done >= 0.5 else 1
    elif s["decay"] == "cosine":
        rate *= (1 + math.cos(math.pi * done)) / 2
    return rate * min(1, (step + 1) / s["warmup"]) if s["warmup"] else rate


def train(c, s):
    net = Net(c)
    fill(net)
    x = torch.tensor(normal("picture", PICTURES * SIZE * SIZE * 3), dtype=torch.float32).reshape(PICTURES, SIZE, SIZE, 3)
    x, labels = x.permute(0, 3, 1, 2).contiguous(), torch.arange(PICTURES) % CLASSES
    decays = [p for p in net.parameters() if p.dim() > 1]
    groups = [{"params": decays}, {"params": [p for p in net.parameters() if p.dim() == 1], "weight_decay": 0}]
    if s["optimizer"] == "sgd":
        opt = torch.optim.SGD(groups, lr=1, momentum=s["momentum"], nesterov=s["nesterov"], weight_decay=s["weightDecay"])
    else:
        opt = torch.optim.AdamW(groups, lr=1, weight_decay=s["weightDecay"])
    losses, norms = [], []
    for step in range(STEPS):
        for g in opt.param_groups:
            g["lr"] = rate_of(s, step)
        loss = F.cross_entropy(net(x), labels, label_smoothing=s["smoothing"])
        opt.zero_grad()
        loss.backward()
        norms.append(nn.utils.clip_grad_norm_(net.parameters(), s["clip"] or math.inf).item())
        opt.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        logits = net(x).reshape(-1).tolist()
    tensors = {}
    for name, v in net.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            v = v.reshape(-1)
            tensors[name] = short([v.double().norm().item(), v[len(v) // 3].item(), v[len(v) // 3 * 2].item()])
    return {"losses": short(losses), "norms": short(norms), "logits": short(logits), "tensors": tensors}


def short(values):
    return [float(f"{v:.7g}") for v in values]


CONFIG = {"block": "basic", "layers": [1, 1, 1], "width": 4, "expansion": 1, "strideIn": "3x3", "stem": "cifar", "normEpsilon": 1e-5,
          "join": "add", "classes": CLASSES, "groups": 1, "groupWidth": 64, "linearStem": False, "noLastNorm": False, "shortcut": "",
          "preActivation": False, "noNorm": False, "activation": ""}
SETTINGS = {"optimizer": "sgd", "momentum": 0.9, "nesterov": False, "rate": 0.05, "warmup": 2, "decay": "cosine", "weightDecay": 1e-3,
            "clip": 0, "smoothing": 0}
BOTTLENECK = {"block": "bottleneck", "layers": [1, 1], "expansion": 2}
FAST = {"rate": 0.2, "clip": 0.2}
CASES = [
    ("residual", {}, {}),
    ("plain", {"join": "none"}, {}),
    ("product", {"join": "product"}, {"clip": 1}),
    ("maximum", {"join": "maximum"}, {}),
    ("gate", {"join": "gate"}, {}),
    ("pre-activation", {"preActivation": True}, {}),
    ("residual without norms", {"noNorm": True}, FAST),
    ("plain without norms", {"noNorm": True, "join": "none"}, FAST),
    ("pre-activation without norms", {"noNorm": True, "preActivation": True}, FAST),
    ("leaky ReLU", {"activation": "leaky-relu"}, {"decay": "constant", "smoothing": 0.1, "rate": 0.02}),
    ("tanh", {"activation": "tanh", "noNorm": True}, {"decay": "step", "warmup": 0}),
    ("SiLU", {"activation": "silu", "preActivation": True}, {}),
    ("Nesterov", {}, {"nesterov": True, "clip": 0.5}),
    ("AdamW", {}, {"optimizer": "adamw", "rate": 0.01, "weightDecay": 0.05}),
    ("AdamW, plain without norms, clipped", {"noNorm": True, "join": "none"},
     {"optimizer": "adamw", "rate": 0.003, "weightDecay": 0.05, "clip": 0.02}),
    ("groups, ImageNet's stem", {**BOTTLENECK, "groups": 2, "groupWidth": 32, "stem": "imagenet"}, {}),
    ("padded shortcuts", {"shortcut": "pad", "layers": [1, 2]}, {}),
    ("article's blocks", {"linearStem": True, "noLastNorm": True, "layers": [2, 1]}, {"rate": 0.02}),
]

if __name__ == "__main__":
    out = []
    for name, config, settings in CASES:
        c, s = {**CONFIG, **config}, {**SETTINGS, **settings}
        out.append({"name": name, "config": c, "settings": s, **train(c, s)})
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "steps.json"), "w") as f:
        f.write("[" + ",\n".join(json.dumps(o, separators=(",", ":")) for o in out) + "]\n")
