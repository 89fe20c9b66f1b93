#!/usr/bin/env python3
"""Computes with numpy and PyTorch, in float64, what package transfer must answer.

    python3 resnet/transfer/testdata/make_goldens.py

writes goldens.json beside this file. The inputs are in it, too; they are small, and float32 holds them exactly.
"""
import json
import math
import os
from fractions import Fraction

import numpy as np
import torch

torch.set_default_dtype(torch.float64)


def exact(x, digits=6):
    """Rounded to multiples of 2^-digits, which float32 and JSON both keep."""
    return np.round(np.asarray(x, np.float64) * 2 ** digits) / 2 ** digits


def features(rng, n, d, classes, spread=1.0):
    """Overlapping classes, features of different scale and offset, the last of them constant."""
    labels = np.arange(n) % classes
    x = rng.normal(size=(classes, d))[labels] * spread + rng.normal(size=(n, d))
    x = x * np.exp(rng.normal(size=d)) + 3 * rng.normal(size=d)
    x[:, -1] = 0.3125
    return exact(x), labels


def minimise(start, loss):
    """The place of the minimum: L-BFGS goes near, Newton's steps, which need no comparison of losses, the rest."""
    x = torch.tensor(start, requires_grad=True)
    opt = torch.optim.LBFGS([x], max_iter=500, tolerance_grad=1e-9, line_search_fn="strong_wolfe")

    def closure():
        opt.zero_grad()
        value = loss(x)
        value.backward()
        return value

    opt.step(closure)
    x = x.detach()
    for _ in range(5):
        gradient = torch.autograd.functional.jacobian(loss, x)
        x = x - torch.linalg.pinv(torch.autograd.functional.hessian(loss, x)) @ gradient
    assert torch.autograd.functional.jacobian(loss, x).abs().max() < 1e-13
    return x


def head_golden(rng, n, d, classes, strength):
    x, y = features(rng, n, d, classes)
    mean, std = x.mean(0), x.std(0)
    std[-1] = 1
    moderate = std.copy()
    moderate[:-1] = np.sqrt((n * std[:-1] ** 2 + np.sort(std[:-1])[(d - 1) // 2] ** 2) / (n + 1))
    z = torch.tensor((x - mean) / moderate)
    y_ = torch.tensor(y)

    def objective(theta):
        w, b = theta[:classes * d].reshape(classes, d), theta[classes * d:]
        return torch.nn.functional.cross_entropy(z @ w.T + b, y_) + strength / 2 * (w * w).sum()

    theta = minimise([0.0] * (classes * d + classes), objective)
    w, b = theta[:classes * d].reshape(classes, d), theta[classes * d:]
    logits = z @ w.T + b
    bias = b - b.mean()  # adding the same to all changes nothing
    return {"n": n, "d": d, "classes": classes, "strength": strength, "x": x.flatten().tolist(), "labels": y.tolist(),
            "mean": mean.tolist(), "std": std.tolist(), "moderate": moderate.tolist(), "w": w.flatten().tolist(), "b": bias.tolist(), "objective": objective(theta).item(),
            "loss": torch.nn.functional.cross_entropy(logits, y_).item(), "probabilities": logits.softmax(1).flatten().tolist()}


def temperature_golden(rng, n, classes, scale):
    logits = exact(scale * rng.normal(size=(n, classes)))
    p = np.exp(logits / scale)
    p /= p.sum(1, keepdims=True)
    labels = np.array([rng.choice(classes, p=row) for row in p])
    z, y = torch.tensor(logits), torch.tensor(labels)
    loss = lambda log_t: torch.nn.functional.cross_entropy(z / log_t.exp(), y)
    rest = 1 / (n + 2)
    targets = torch.full((n, classes), rest / (classes - 1))
    targets[torch.arange(n), y] = 1 - rest
    log_t = minimise([0.0], lambda log_t: torch.nn.functional.cross_entropy(z / log_t.exp(), targets))
    t = log_t.exp().item()
    q = (z / t).softmax(1).numpy()
    confidence, right = q.max(1), q.argmax(1) == labels
    ece = 0
    for i in range(10):
        of = (confidence > i / 10) & (confidence <= (i + 1) / 10)
        if of.any():
            ece += of.mean() * abs(right[of].mean() - confidence[of].mean())
    return {"classes": classes, "logits": logits.flatten().tolist(), "labels": labels.tolist(), "temperature": t, "loss": loss(log_t).item(), "ece": float(ece)}


def cka_golden(rng, n, d1, d2):
    """By the centring matrix and HSIC, as the paper writes it; the code under test has another form."""
    x = exact(rng.normal(size=(n, d1)) + 2)
    y = exact(x[:, :1] @ rng.normal(size=(1, d2)) + 0.7 * rng.normal(size=(n, d2)) - 1)
    h = np.eye(n) - 1 / n
    hsic = lambda k, l: np.trace(k @ h @ l @ h)
    k, l = x @ x.T, y @ y.T
    return {"n": n, "x": x.flatten().tolist(), "y": y.flatten().tolist(), "cka": float(hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l)))}


def pca_golden(rng, n, d):
    x = exact(rng.normal(size=(n, 4)) @ rng.normal(size=(4, d)) * 2 + 0.3 * rng.normal(size=(n, d)) + rng.normal(size=d) * 5)
    mean = x.mean(0)
    _, s, v = np.linalg.svd(x - mean, full_matrices=False)
    axes = v[:2] * np.sign(v[[0, 1], np.abs(v[:2]).argmax(1)])[:, None]
    return {"n": n, "d": d, "x": x.flatten().tolist(), "axes": axes.flatten().tolist(), "variance": (s[:2] ** 2 / (n - 1)).tolist(),
            "total": float((s ** 2).sum() / (n - 1)), "points": ((x - mean) @ axes.T).flatten().tolist()}


def threshold_golden(rng, per_class, d, classes):
    """Leave one group out, by the definition: the means are computed anew for each. Some groups are of several."""
    x, labels = features(rng, per_class * classes, d, classes)
    groups = rng.integers(0, per_class * classes * 2, len(labels))
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)

    def nearest(u, units, of):
        sums = [units[of == c].sum(0) for c in range(classes)]
        return 1 - max(s @ u / np.linalg.norm(s) for s in sums)

    left = []
    for c, g in sorted(set(zip(labels, groups))):
        same = (labels == c) & (groups == g)
        left.append(nearest(unit[np.argmax(same)], unit[~same], labels[~same]))
    return {"d": d, "classes": classes, "x": x.flatten().tolist(), "labels": labels.tolist(), "groups": groups.tolist(),
            "left": sorted(left), "distances": [nearest(u, unit, labels) for u in unit]}


def tolerance_golden(n, keep):
    """In whole numbers: k values of n are below the part keep with the probability C(n,k) keep^k (1-keep)^(n-k)."""
    below, confidences = Fraction(0), []
    for k in range(n):
        below += math.comb(n, k) * keep ** k * (1 - keep) ** (n - k)
        confidences.append(below)
    rank = next((k + 1 for k, c in enumerate(confidences) if c >= Fraction(95, 100)), 0)
    return {"n": n, "keep": float(keep), "rank": rank, "confidences": [float(c) for c in confidences]}


def bootstrap_golden(rng, base, other, both, neither):
    """Picture by picture, as the bootstrap is defined."""
    difference = np.array([-1] * base + [1] * other + [0] * (both + neither))
    means = difference[rng.integers(0, len(difference), (100_000, len(difference)))].mean(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return {"onlyBase": base, "onlyOther": other, "both": both, "neither": neither, "low": float(low), "high": float(high)}


def look(size):
    """dHash of a picture by formula, its cells by repeating every pixel 9 times."""
    y, x = np.mgrid[0:size, 0:size]
    rgb = np.stack([(x * x + 3 * y * y + 5 * x * y) >> 3 & 255, np.where((x // 5 + y // 3) % 2, 255, 0), 2 * x + y & 255], 2)
    light = rgb @ np.array([19595, 38470, 7471])
    cells = np.repeat(light.reshape(8, size // 8, size).sum(1), 9, 1).reshape(8, 9, size).sum(2)
    bits = (cells[:, 1:] > cells[:, :-1]).flatten()
    return {"size": size, "hash": "%016x" % sum(1 << i for i, b in enumerate(bits) if b)}


def main():
    rng = np.random.default_rng(5)
    goldens = {
        "heads": [head_golden(rng, 30, 8, 3, 0.05), head_golden(rng, 12, 20, 2, 0.5), head_golden(rng, 50, 5, 5, 0.001)],
        "temperatures": [temperature_golden(rng, 40, 3, 2.5), temperature_golden(rng, 60, 5, 0.5)],
        "cka": [cka_golden(rng, 12, 5, 3), cka_golden(rng, 6, 20, 31)],
        "pca": [pca_golden(rng, 40, 7), pca_golden(rng, 9, 30)],
        "bootstraps": [bootstrap_golden(rng, 10, 30, 100, 60), bootstrap_golden(rng, 3, 5, 20, 12), bootstrap_golden(rng, 0, 12, 40, 8)],
        "looks": [look(s) for s in (8, 16, 56, 224)],
        "thresholds": [threshold_golden(rng, 30, 6, 3), threshold_golden(rng, 16, 9, 5)],
        "tolerances": [tolerance_golden(n, Fraction(keep, 100))
                       for keep in (50, 90, 95) for n in (1, 4, 5, 28, 29, 58, 59, 92, 93, 200)],
    }
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "goldens.json")
    with open(path, "w") as f:
        f.write('{"madeBy": "numpy %s, PyTorch %s"' % (np.__version__, torch.__version__))
        for name, value in goldens.items():
            f.write(',\n"%s": %s' % (name, json.dumps(value)))
        f.write("}\n")


if __name__ == "__main__":
    main()
