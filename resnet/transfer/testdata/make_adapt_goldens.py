#!/usr/bin/env python3
"""Computes with numpy, in float64, what CORAL and EstimatePriors of package transfer must answer.

    python3 resnet/transfer/testdata/make_adapt_goldens.py

writes adapt.json beside this file. The inputs are in it, too; they are small, and float32 holds them exactly.
"""
import json
import os

import numpy as np


def exact(x, digits=6):
    """Rounded to multiples of 2^-digits, which float32 and JSON both keep."""
    return np.round(np.asarray(x, np.float64) * 2 ** digits) / 2 ** digits


def domain(rng, n, d, constant):
    x = rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) / np.sqrt(d) * np.exp(0.5 * rng.normal(size=d))
    x = exact(x + rng.normal(size=d))
    if constant:
        x[:, -1] = 0.3125
    return x


def power(c, e):
    """The power of a symmetric matrix, by its eigenvectors: D×D, where CORAL goes by the n×n matrix of products."""
    w, v = np.linalg.eigh(c)
    return (v * w ** e) @ v.T


def coral(source, target, constant, ridge=1.0):
    n, d = min(len(source), len(target)), source.shape[1]
    scale = np.sqrt((source.var(0) + target.var(0)) / 2)
    varying = np.arange(d - 1 if constant else d)
    median = np.sort(scale[varying])[len(varying) // 2]
    scale[varying] = np.sqrt((n * scale[varying] ** 2 + median ** 2) / (n + 1))
    if constant:
        scale[-1] = 1

    def c(x):
        z = (x - x.mean(0)) / scale
        return z.T @ z / (len(x) - 1) + ridge * np.eye(d)

    def to(x, a, b):
        return b.mean(0) + (x - a.mean(0)) / scale @ power(c(a), -0.5) @ power(c(b), 0.5) * scale

    return to(source, source, target), to(target, target, source)


def priors(probabilities, source):
    """The likeliest frequencies, by the EM algorithm of Saerens and others (2002), to its very end."""
    target = source.copy()
    for _ in range(200000):
        q = probabilities * (target / source)
        target = (q / q.sum(1, keepdims=True)).mean(0)
    return target


rng = np.random.default_rng(16)
out = {"coral": [], "priors": []}
for n, m, d, constant in [(7, 9, 15, True), (24, 18, 5, False)]:
    source, target = domain(rng, n, d, constant), domain(rng, m, d, constant)
    to_target, to_source = coral(source, target, constant)
    out["coral"].append({
        "d": d, "source": source.ravel().tolist(), "target": target.ravel().tolist(),
        "toTarget": to_target.ravel().round(8).tolist(), "toSource": to_source.ravel().round(8).tolist(),
    })
for source, target in [([0.25, 0.25, 0.5], [0.6, 0.3, 0.1]), ([0.5, 0.5], [0.5, 0.5]), ([0.4, 0.3, 0.3], [0.7, 0.3, 0])]:
    source, classes = np.array(source), len(source)
    labels = rng.choice(classes, 80, p=target)
    logits = rng.normal(size=(80, classes)) + 2.5 * np.eye(classes)[labels] + np.log(source)
    p = np.exp(logits)
    p = (p / p.sum(1, keepdims=True)).round(6)
    out["priors"].append({
        "source": source.tolist(), "probabilities": p.ravel().tolist(), "target": priors(p, source).round(8).tolist(),
    })
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "adapt.json"), "w") as f:
    json.dump(out, f, separators=(",", ":"))
    f.write("\n")
