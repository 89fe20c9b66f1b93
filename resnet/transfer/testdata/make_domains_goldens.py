#!/usr/bin/env python3
"""Computes with numpy and PyTorch, in float64, what Probe, LogME and Distance must answer.

    python3 resnet/transfer/testdata/make_domains_goldens.py

writes domains.json beside this file. The inputs are in it, too, with the folds and the permutations; they are small, and
float32 holds them exactly.
"""
import json
import os

import numpy as np
import torch

from make_goldens import exact, features

torch.set_default_dtype(torch.float64)


def standardised(x):
    """As package transfer does it, with moderate deviations; constant features become 0."""
    mean, std = x.mean(0), x.std(0)
    constant = ~(std > 1e-4 * np.abs(mean))
    varying = np.sort(std[~constant])
    moderate = np.sqrt((len(x) * std ** 2 + varying[len(varying) // 2] ** 2) / (len(x) + 1))
    z = (x - mean) / np.where(constant, 1, moderate)
    z[:, constant] = 0
    return z


def fitted(x, y, classes, strength):
    """Weights and bias at the minimum of the mean cross-entropy + strength/2 · ‖W‖²."""
    x, y = torch.tensor(x), torch.tensor(y)
    w = torch.zeros(classes, x.shape[1], requires_grad=True)
    b = torch.zeros(classes, requires_grad=True)
    opt = torch.optim.LBFGS([w, b], max_iter=2000, tolerance_grad=1e-10, tolerance_change=0,
                            line_search_fn="strong_wolfe")

    def closure():
        opt.zero_grad()
        loss = torch.nn.functional.cross_entropy(x @ w.T + b, y) + strength / 2 * (w * w).sum()
        loss.backward()
        return loss

    opt.step(closure)
    assert w.grad.abs().max() < 1e-6
    return w.detach().numpy(), b.detach().numpy()


def held_out(z, y, classes, strength, folds):
    """The logits of each example by the classifier that has not learnt from its fold."""
    out = np.zeros((len(y), classes))
    for k in range(max(folds) + 1):
        w, b = fitted(z[folds != k], y[folds != k], classes, strength)
        out[folds == k] = z[folds == k] @ w.T + b
    return out


def losses(logits, y):
    return torch.nn.functional.cross_entropy(torch.tensor(logits), torch.tensor(y), reduction="none").numpy()


def probe(rng, n, d, classes, strengths):
    x, y = features(rng, n, d, classes, 0.7)
    folds = rng.permutation(n) % 4
    z = standardised(x)
    w, b = fitted(z, y, classes, strengths[-1])
    held = [held_out(z, y, classes, s, folds) for s in strengths]
    return {
        "n": n, "d": d, "classes": classes, "x": x.ravel().tolist(), "labels": y.tolist(), "folds": folds.tolist(),
        "strengths": strengths, "losses": [losses(h, y).tolist() for h in held],
        "right": [(h.argmax(1) == y).tolist() for h in held], "logits": (z @ w.T + b).ravel().tolist(),
    }


def logme(rng, n, d, classes):
    """From the definition: with the whole matrices, no eigenvalues, and thousands of rounds."""
    x, y = features(rng, n, d, classes)
    x = exact(np.maximum(x, 0))
    scores = []
    for c in range(classes):
        t = (y == c).astype(float)
        alpha = beta = 1.0
        for _ in range(20000):
            a = alpha * np.eye(d) + beta * x.T @ x
            m = beta * np.linalg.solve(a, x.T @ t)
            gamma = d - alpha * np.trace(np.linalg.inv(a))
            rest = ((x @ m - t) ** 2).sum()
            new = gamma / (m @ m), (n - gamma) / rest
            moved = abs(new[0] / new[1] / (alpha / beta) - 1)
            alpha, beta = new
            if moved < 1e-10:
                break
        a = alpha * np.eye(d) + beta * x.T @ x
        m = beta * np.linalg.solve(a, x.T @ t)
        scores.append((n / 2 * np.log(beta) + d / 2 * np.log(alpha) - n / 2 * np.log(2 * np.pi)
                       - beta / 2 * ((x @ m - t) ** 2).sum() - alpha / 2 * m @ m
                       - np.linalg.slogdet(a)[1] / 2) / n)
    return {"n": n, "d": d, "classes": classes, "x": x.ravel().tolist(), "labels": y.tolist(),
            "score": float(np.mean(scores))}


def distance(rng, a, b, d, gap):
    n = a + b
    x = rng.normal(size=(n, d)) * np.exp(rng.normal(size=d)) + 2 * rng.normal(size=d)
    x[a:, :2] += gap * x.std(0)[:2]
    x[:, -1] = 0.3125
    x = exact(x)
    z = standardised(x)
    squares = ((z[:, None] - z[None]) ** 2).sum(2)
    kernel = np.exp(-squares / (2 * np.median(squares[np.triu_indices(n, 1)])))

    def discrepancy(order):
        k, l = order[:a], order[a:]
        within = lambda i: (kernel[np.ix_(i, i)].sum() - len(i)) / (len(i) * (len(i) - 1))
        return within(k) + within(l) - 2 * kernel[np.ix_(k, l)].mean()

    orders = [rng.permutation(n) for _ in range(59)]
    mmd2 = discrepancy(np.arange(n))
    p = (1 + sum(discrepancy(o) >= mmd2 for o in orders)) / (1 + len(orders))
    half = min(a, b)
    chosen = np.concatenate([np.sort(rng.permutation(a)[:half]), a + np.sort(rng.permutation(b)[:half])])
    y, folds = np.repeat([0, 1], half), np.tile(np.arange(half) % 4, 2)
    answers = held_out(standardised(z[chosen]), y, 2, 0.1, folds).argmax(1)
    # Wilson's interval solves (e - p)² = 1.96²·p·(1 - p)/m for p; m is what the answers in folds are worth.
    e, m, zz = min(float((answers != y).mean()), 0.5), len(y) / 1.75, 1.959963984540054 ** 2
    low, high = sorted(np.roots([1 + zz / m, -2 * e - zz / m, e * e]))
    return {"a": a, "b": b, "d": d, "x": x.ravel().tolist(), "orders": [o.tolist() for o in orders],
            "chosen": chosen.tolist(), "folds": folds.tolist(), "mmd2": mmd2, "p": p,
            "wrong": int((answers != y).sum()), "low": max(0, 2 - 4 * high), "high": 2 - 4 * low}


def main():
    rng = np.random.default_rng(11)
    out = {
        # The second has so many more features than examples that others stand for them.
        "probes": [probe(rng, 36, 6, 3, [1, 0.3, 0.05]), probe(rng, 20, 40, 2, [1, 0.3, 0.05])],
        "ranks": [logme(rng, 40, 6, 3), logme(rng, 20, 30, 2)],
        "distances": [distance(rng, 20, 14, 5, 0), distance(rng, 15, 20, 5, 1.2)],
    }
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "domains.json"), "w") as f:
        json.dump(out, f, separators=(",", ":"))


if __name__ == "__main__":
    main()
