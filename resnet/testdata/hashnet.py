"""The weights and the picture of package internal/hashnet, by the same formula."""
import numpy as np
import torch


def bits(name, n):
    """The random bits of a tensor's values: splitmix64 from the FNV-1a hash of its name on."""
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = (h ^ byte) * 0x100000001B3 % (1 << 64)
    with np.errstate(over="ignore"):
        z = np.uint64(h) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def normal(name, n):
    z = bits(name, n)
    total = sum((z >> np.uint64(s)) & np.uint64(0xFFFF) for s in (0, 16, 32, 48)).astype(np.int64)
    return (total - 2 * 0xFFFF).astype(np.float64) * (np.sqrt(3.0) / (1 << 16))


def uniform(name, n):
    return (bits(name, n) >> np.uint64(40)).astype(np.float64) * 2.0**-24


def value(name, shape):
    n = int(np.prod(shape))
    if len(shape) > 1:
        x = normal(name, n) * np.sqrt(1 / float(np.prod(shape[1:])))
    elif name.endswith(".running_var"):
        x = 0.5 + uniform(name, n)
    elif name.endswith(".weight"):
        x = 0.35 + 0.7 * uniform(name, n)
    else:
        x = normal(name, n) * 0.25
    return torch.from_numpy(x.astype(np.float32).reshape(shape))
