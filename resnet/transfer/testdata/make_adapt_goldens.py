#!/usr/bin/env python3
"""Computes with numpy and PyTorch, in float64, what CORAL, EstimatePriors and Adapt of package transfer must answer.

    python3 resnet/transfer/testdata/make_adapt_goldens.py

writes adapt.json beside this file. The inputs are in it, too; they are small, and float32 holds them exactly.
"""
import json
import os

import numpy as np
import torch

from make_domains_goldens import fitted, standardised


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


def moments(x):
    """Mean and moderate deviation, as package transfer has them."""
    std = x.std(0)
    return x.mean(0), np.sqrt((len(x) * std ** 2 + np.sort(std)[x.shape[1] // 2] ** 2) / (len(x) + 1))


def learnt(x, y, classes, strength):
    """A classifier: mean, deviation, weights and bias."""
    return *moments(x), *fitted(standardised(x), y, classes, strength)


def scores(head, x):
    mean, std, w, b = head
    return (x - mean) / std @ w.T + b


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def fitting(head, method, t, y, classes, x):
    """A classifier that learnt from the classes y, for another domain with the features x."""
    mean, std, w, b = head
    if method == "mean":
        mean = x.mean(0)
    elif method == "standardise":
        mean, std = moments(x)
    elif method == "priors":
        was = np.bincount(y, minlength=classes) / len(y)
        now = priors(softmax(scores(head, x) / t), was, 20000)
        b = b + t * np.log(np.maximum(now, 0.5 / len(x)) / was)
    return mean, std, w, b


def reverse(source, y, target, folds, method, strength, t):
    """Reverse validation: of each picture the probability of its class after the way to the target and back, the mean
    over the divisions into four folds. And the answers of a classifier that learns from the whole source."""
    classes, n = y.max() + 1, len(y)
    x, back = coral(source, target, False) if method == "coral" else (source, target)
    sums = np.zeros(n)
    for fold in folds:
        out = ~np.isin(np.arange(n), fold)
        head = learnt(x[out], y[out], classes, strength)
        named = scores(fitting(head, method, t, y[out], classes, target), target).argmax(1)
        of = np.unique(named)
        again = np.searchsorted(of, named)
        p = np.ones((len(fold), 1))
        if len(of) > 1:
            learner = learnt(back, again, len(of), strength)
            p = softmax(scores(fitting(learner, method, t, again, len(of), source), source[fold]) / t)
        for i, row in zip(fold, p):
            if y[i] in of:
                sums[i] += row[np.searchsorted(of, y[i])] / (len(folds) // 4)
    answers = scores(fitting(learnt(x, y, classes, strength), method, t, y, classes, target), target).argmax(1)
    return {"method": method, "reverse": sums.round(8).tolist(), "answers": answers.tolist()}


def adapted(rng, n, m, d, classes, gap, strength, t):
    centres = rng.normal(size=(classes, d))
    y, unknown = np.arange(n) % classes, rng.permutation(m) % classes
    source = exact(centres[y] + rng.normal(size=(n, d)))
    target = exact((centres[unknown] + rng.normal(size=(m, d))) * np.exp(gap / 4 * rng.normal(size=d))
                   + gap * rng.normal(size=d))
    folds = [np.sort(f) for _ in range(2) for f in np.array_split(rng.permutation(n), 4)]
    return {"d": d, "classes": classes, "l2": strength, "temperature": t, "labels": y.tolist(),
            "source": source.ravel().tolist(), "target": target.ravel().tolist(), "folds": [f.tolist() for f in folds],
            "methods": [reverse(source, y, target, folds, method, strength, t)
                        for method in ("none", "mean", "standardise", "coral", "priors")]}


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


def priors(probabilities, source, rounds=200000):
    """The likeliest frequencies, by the EM algorithm of Saerens and others (2002), to its very end."""
    target = source.copy()
    for _ in range(rounds):
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
out["adapted"] = [adapted(rng, 40, 36, 8, 3, 1, 0.1, 0.8), adapted(rng, 30, 24, 40, 3, 0.7, 1, 0.5)]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "adapt.json"), "w") as f:
    json.dump(out, f, separators=(",", ":"))
    f.write("\n")
