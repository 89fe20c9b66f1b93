"""Makes goldens.json, what PyTorch says of every layer's gradients, for package op's tests.

    /usr/bin/python3 make_goldens.py

Activations are N x H x W x C in the file and in Residua, N x C x H x W in PyTorch; weights are PyTorch's. Made with torch 1.13.
"""
import json
import os

import torch
import torch.nn.functional as F

torch.manual_seed(1)
torch.set_num_threads(1)


def last(x):
    """N x C x H x W as a flat N x H x W x C."""
    return flat(x.permute(0, 2, 3, 1))


def flat(x):
    return [float(f"{v:.9g}") for v in x.detach().reshape(-1).tolist()]


def leaf(*shape):
    return torch.randn(*shape, requires_grad=True)


def conv(n, h, w, c, out, size, stride, pad):
    x, k, b = leaf(n, c, h, w), leaf(out, c, size, size), leaf(out)
    y = F.conv2d(x, k, b, stride, pad)
    dy = torch.randn_like(y)
    y.backward(dy)
    return {"n": n, "in": [h, w, c], "out": out, "window": [size, stride, pad], "x": last(x), "w": flat(k), "bias": flat(b),
            "y": last(y), "dY": last(dy), "dX": last(x.grad), "dW": flat(k.grad), "dBias": flat(b.grad)}


def norm(n, h, w, c):
    x, weight, bias = leaf(n, c, h, w), leaf(c), leaf(c)
    mean, var = torch.randn(c), torch.rand(c) + 0.5
    before = {"mean": flat(mean), "var": flat(var)}
    y = F.batch_norm(x, mean, var, weight, bias, training=True, momentum=0.1, eps=1e-5)
    dy = torch.randn_like(y)
    y.backward(dy)
    frozen = F.batch_norm(x, mean, var, weight, bias, training=False, eps=1e-5)
    return {"n": n, "in": [h, w, c], "x": last(x), "weight": flat(weight), "bias": flat(bias), **before, "y": last(y), "meanAfter": flat(mean),
            "varAfter": flat(var), "frozen": last(frozen), "dY": last(dy), "dX": last(x.grad), "dWeight": flat(weight.grad),
            "dBias": flat(bias.grad)}


def pool(h, w, c, size, stride, pad):
    x = torch.randint(0, 4, (1, c, h, w)).float().requires_grad_()  # with equals
    y = F.max_pool2d(x, size, stride, pad)
    dy = torch.randn_like(y)
    y.backward(dy)
    return {"in": [h, w, c], "window": [size, stride, pad], "x": last(x), "y": last(y), "dY": last(dy), "dX": last(x.grad)}


def loss(n, inputs, classes, smoothing):
    x, w, b = leaf(n, inputs), leaf(classes, inputs), leaf(classes)
    labels = torch.randint(0, classes, (n,))
    z = F.linear(x, w, b)
    z.retain_grad()
    value = F.cross_entropy(z, labels, label_smoothing=smoothing)
    value.backward()
    return {"n": n, "inputs": inputs, "classes": classes, "smoothing": smoothing, "labels": labels.tolist(), "x": flat(x), "w": flat(w),
            "bias": flat(b), "logits": flat(z), "loss": float(value), "correct": int((z.argmax(1) == labels).sum()), "dLogits": flat(z.grad),
            "dX": flat(x.grad), "dW": flat(w.grad), "dBias": flat(b.grad)}


goldens = {
    "conv": [conv(2, 5, 6, 3, 4, 3, 1, 1), conv(2, 5, 6, 3, 4, 3, 2, 1), conv(3, 4, 5, 5, 2, 1, 1, 0), conv(2, 5, 5, 3, 3, 1, 2, 0)],
    "norm": [norm(3, 2, 3, 5), norm(4, 1, 1, 3)],
    "pool": [pool(7, 6, 2, 3, 2, 1), pool(4, 4, 3, 2, 2, 0)],
    "loss": [loss(5, 3, 4, 0.0), loss(4, 6, 3, 0.1)],
}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "goldens.json")
with open(path, "w") as f:
    json.dump(goldens, f, separators=(",", ":"))
    f.write("\n")
