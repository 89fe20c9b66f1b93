"""Makes kinds.json, what PyTorch says of the layers that only some networks have, for package op's tests.

    /usr/bin/python3 make_kinds.py

Activations are H x W x C in the file and in Residua, 1 x C x H x W in PyTorch; weights are PyTorch's. Made with torch 1.13.
"""
import json
import os

import torch
import torch.nn.functional as F

torch.manual_seed(2)
torch.set_num_threads(1)


def last(x):
    """1 x C x H x W as a flat H x W x C."""
    return flat(x.permute(0, 2, 3, 1))


def flat(x):
    return [float(f"{v:.9g}") for v in x.detach().reshape(-1).tolist()]


def leaf(*shape):
    return torch.randn(*shape, requires_grad=True)


JOINS = {
    "add": torch.add,
    "product": torch.mul,
    "maximum": torch.maximum,
    "gate": lambda x, f: x * torch.sigmoid(f) + f,
}


def join(kind):
    x, f = leaf(24), leaf(24)
    with torch.no_grad():
        f[:3] = x[:3]  # equals, which a maximum treats in its own way
        f[3] = 30  # where the logistic function is 1 in float32
        f[4] = -30
    y = JOINS[kind](x, f)
    dy = torch.randn_like(y)
    y.backward(dy)
    return {"join": kind, "x": flat(x), "f": flat(f), "y": flat(y), "dY": flat(dy), "dX": flat(x.grad), "dF": flat(f.grad)}


def conv(h, w, c, out, groups, size, stride, pad):
    x, k, b = leaf(1, c, h, w), leaf(out, c // groups, size, size), leaf(out)
    y = F.conv2d(x, k, b, stride, pad, groups=groups)
    dy = torch.randn_like(y)
    y.backward(dy)
    return {"in": [h, w, c], "out": out, "groups": groups, "window": [size, stride, pad], "x": last(x), "w": flat(k), "bias": flat(b),
            "y": last(y), "dY": last(dy), "dX": last(x.grad)}


def affine(h, w, c):
    x, scale, bias = leaf(1, c, h, w), torch.randn(1, c, 1, 1), torch.randn(1, c, 1, 1)
    y = torch.relu(x * scale + bias)
    dy = torch.randn_like(y)
    y.backward(dy)
    return {"in": [h, w, c], "scale": flat(scale), "bias": flat(bias), "x": last(x), "y": last(y), "dY": last(dy), "dX": last(x.grad)}


def pad(h, w, c, out, stride):
    x = leaf(1, c, h, w)
    y = F.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, 0, out - c))
    dy = torch.randn_like(y)
    y.backward(dy)
    return {"in": [h, w, c], "out": out, "stride": stride, "x": last(x), "y": last(y), "dY": last(dy), "dX": last(x.grad)}


out = {
    "join": [join(kind) for kind in JOINS],
    "conv": [conv(5, 4, 8, 8, 2, 3, 1, 1), conv(5, 6, 8, 8, 2, 3, 2, 1), conv(3, 3, 6, 16, 2, 3, 1, 1), conv(4, 3, 6, 3, 3, 1, 2, 0)],
    "affine": [affine(3, 2, 5)],
    "pad": [pad(5, 4, 3, 6, 2), pad(2, 2, 3, 3, 1), pad(3, 3, 2, 7, 1)],
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "kinds.json"), "w") as f:
    json.dump(out, f, separators=(",", ":"))
    f.write("\n")
