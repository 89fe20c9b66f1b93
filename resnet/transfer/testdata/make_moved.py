"""Makes moved.json: the linear CKA of each pair of blocks before and after, computed with numpy in float64, for package transfer's tests.

    /usr/bin/python3 make_moved.py

The features are by a formula, which the Go test has too: before is noise, after is a mixture of that and of other noise.
"""
import json
import os

import numpy as np

N, CHANNELS = 150, (3, 8, 5)


def noise(seed, count):
    state, out = seed, []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        out.append((state >> 8) / 2**23 - 1)
    return np.array(out, np.float32)


def cka(x, y):
    """Kornblith and others (2019), equation 5 with linear kernels."""
    x, y = x - x.mean(0), y - y.mean(0)
    return np.linalg.norm(y.T @ x) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


before = noise(1, N * sum(CHANNELS)).reshape(N, -1)
after = (before * np.float32(0.5) + noise(2, before.size).reshape(N, -1) * np.float32(0.5)).astype(np.float32)
ends = np.cumsum((0,) + CHANNELS)
blocks = [(a, b) for a, b in zip(ends, ends[1:])]
pairs = [cka(before[:, a:b].astype(np.float64), after[:, c:d].astype(np.float64)) for a, b in blocks for c, d in blocks]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "moved.json"), "w") as f:
    json.dump({"n": N, "channels": CHANNELS, "pairs": [float(f"{p:.9g}") for p in pairs]}, f)
    f.write("\n")
