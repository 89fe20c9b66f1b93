"""Makes training.json: the losses of five steps of training in PyTorch, for the tests of the last block and of training from scratch.

    /usr/bin/python3 make_training_goldens.py

Weights and pictures are made by noise(), which the Go test has too, so only the results stand in the file. Made with torch 1.13.
"""
import json
import math
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(1)
STEPS, RATE, MOMENTUM, DECAY, SMOOTHING = 5, 0.1, 0.9, 1e-2, 0.1
PICTURES, CLASSES = 6, 3


class Noise:
    """A linear congruential generator; each value is exact in float32. Every tensor has a seed of its own, counted up."""

    def __init__(self):
        self.seed = 0

    def __call__(self, *shape):
        self.seed += 1
        state, out = self.seed, []
        for _ in range(math.prod(shape)):
            state = (state * 1664525 + 1013904223) % 2**32
            out.append((state >> 8) / 2**23 - 1)
        return torch.tensor(np.array(out, np.float32).reshape(shape))


def conv_norm(noise, cin, cout, size, stride):
    conv = nn.Conv2d(cin, cout, size, stride, size // 2, bias=False)
    norm = nn.BatchNorm2d(cout, eps=1e-3)
    with torch.no_grad():
        conv.weight.copy_(noise(*conv.weight.shape) / 2)
        norm.weight.copy_(1 + noise(cout) / 2)
        norm.bias.copy_(noise(cout) / 2)
        norm.running_mean.copy_(noise(cout) / 2)
        norm.running_var.copy_(1 + noise(cout) / 2)
    return nn.Sequential(conv, norm)


class Block(nn.Module):
    """A residual block of convolutions [in, out, size, stride], the projection last if there is one."""

    def __init__(self, noise, convs, projection):
        super().__init__()
        self.convs = nn.ModuleList(conv_norm(noise, *c) for c in convs)
        self.projection = conv_norm(noise, *projection) if projection else None

    def forward(self, x):
        h = x
        for i, c in enumerate(self.convs):
            h = c(h)
            if i < len(self.convs) - 1:
                h = F.relu(h)
        return F.relu(h + (self.projection(x) if self.projection else x))


class Net(nn.Module):
    def __init__(self, noise, first, blocks, features):
        super().__init__()
        self.first = first
        self.blocks = nn.Sequential(*[Block(noise, *b) for b in blocks])
        self.fc = nn.Linear(features, CLASSES)
        with torch.no_grad():
            self.fc.weight.copy_(noise(CLASSES, features) / 2)
            self.fc.bias.copy_(noise(CLASSES) / 2)

    def forward(self, x):
        if self.first:
            x = F.relu(self.first(x))
        return self.fc(self.blocks(x).mean((2, 3)))


def train(net, x, y, frozen, discrimination=None):
    """The loss before each step, and the logits after all of them, with running statistics. With a discrimination each block before the
    last learns at a rate that is divided by it."""
    groups = [(net.parameters(), RATE)]
    if discrimination:
        groups = [(b.parameters(), RATE / discrimination ** (len(net.blocks) - 1 - i)) for i, b in enumerate(net.blocks)] + [(net.fc.parameters(), RATE)]
    settings = []
    for parameters, rate in groups:
        parameters = list(parameters)
        decayed = [p for p in parameters if p.dim() > 1]
        others = [p for p in parameters if p.dim() == 1]
        settings += [{"params": decayed, "weight_decay": DECAY, "lr": rate}, {"params": others, "lr": rate}]
    sgd = torch.optim.SGD(settings, lr=RATE, momentum=MOMENTUM)
    rate = torch.optim.lr_scheduler.LambdaLR(sgd, lambda step: (1 + math.cos(math.pi * step / STEPS)) / 2)
    losses = []
    for _ in range(STEPS):
        net.train(not frozen)
        loss = F.cross_entropy(net(x), y, label_smoothing=SMOOTHING)
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        rate.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        return {"losses": losses, "logits": [float(f"{v:.9g}") for v in net(x).reshape(-1).tolist()]}


def last_block(h, w, convs, projection):
    noise = Noise()
    net = Net(noise, None, [(convs, projection)], convs[-1][1])
    x = noise(PICTURES, h, w, convs[0][0]).permute(0, 3, 1, 2)
    case = {"h": h, "w": w, "convs": convs, "projection": projection}
    return {**case, **train(net, x, torch.arange(PICTURES) % CLASSES, frozen=True)}


def last_blocks(h, w, blocks, discrimination):
    """Blocks of [convs, projection], which learn at discriminative rates."""
    noise = Noise()
    net = Net(noise, None, blocks, blocks[-1][0][-1][1])
    x = noise(PICTURES, h, w, blocks[0][0][0][0]).permute(0, 3, 1, 2)
    case = {"h": h, "w": w, "blocks": [{"convs": c, "projection": p} for c, p in blocks], "discrimination": discrimination}
    return {**case, **train(net, x, torch.arange(PICTURES) % CLASSES, True, discrimination)}


def scratch(size, width, depth):
    """A CIFAR ResNet of three stages. Its pictures are standardised channel by channel."""
    noise = Noise()
    first = conv_norm(noise, 3, width, 3, 1)
    blocks, cin = [], width
    for stage in range(3):
        for i in range(depth):
            out, stride = width << stage, 2 if stage > 0 and i == 0 else 1
            projection = [cin, out, 1, stride] if cin != out else None
            blocks.append(([[cin, out, 3, stride], [out, out, 3, 1]], projection))
            cin = out
    net = Net(noise, first, blocks, cin)
    x = noise(PICTURES, size, size, 3)
    x = (x - x.mean((0, 1, 2))) / x.std((0, 1, 2), unbiased=False)
    case = {"size": size, "width": width, "depth": depth}
    return {**case, **train(net, x.permute(0, 3, 1, 2), torch.arange(PICTURES) % CLASSES, frozen=False)}


goldens = {
    "lastBlock": [
        last_block(3, 4, [[8, 4, 1, 1], [4, 4, 3, 1], [4, 8, 1, 1]], None),  # ResNet-50's
        last_block(5, 4, [[4, 6, 1, 2], [6, 6, 3, 1], [6, 12, 1, 1]], [4, 12, 1, 2]),  # v1, with a projection
        last_block(5, 4, [[4, 6, 3, 2], [6, 6, 3, 1]], [4, 6, 1, 2]),  # a basic block, with a projection
        last_block(4, 3, [[6, 6, 3, 1], [6, 6, 3, 1]], None),  # ResNet-18's
    ],
    "lastBlocks": [
        # ResNet-50's last two
        last_blocks(3, 4, [([[8, 4, 1, 1], [4, 4, 3, 1], [4, 8, 1, 1]], None)] * 2, 2.6),
        # a whole stage of bottlenecks, v1
        last_blocks(5, 4, [([[4, 6, 1, 2], [6, 6, 3, 1], [6, 12, 1, 1]], [4, 12, 1, 2])] + [([[12, 6, 1, 1], [6, 6, 3, 1], [6, 12, 1, 1]], None)] * 2, 2.6),
        # the last block of a stage and the next stage of one basic block; all at one rate
        last_blocks(5, 4, [([[4, 4, 3, 1], [4, 4, 3, 1]], None), ([[4, 6, 3, 2], [6, 6, 3, 1]], [4, 6, 1, 2])], 1),
    ],
    "scratch": [scratch(8, 4, 1), scratch(9, 3, 2)],
}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "training.json")
with open(path, "w") as f:
    json.dump(goldens, f, separators=(",", ":"))
    f.write("\n")
