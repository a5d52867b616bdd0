"""Convolutions and matrix products."""

from __future__ import annotations

import numpy as np

from codesign.ingest.float64.registry import Arrays, Attributes, evaluation


@evaluation("Conv")
def conv(v: Arrays, a: Attributes) -> np.ndarray:
    """A sum over the kernel's taps."""
    x, w = v[0], v[1]
    rank = x.ndim - 2
    groups, pads = a.get("group", 1), a.get("pads", [0] * 2 * rank)
    strides, dilations = a.get("strides", [1] * rank), a.get("dilations", [1] * rank)
    if a.get("auto_pad", "NOTSET") in ("SAME_UPPER", "SAME_LOWER"):
        total = [
            max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
            for n, k, s, d in zip(x.shape[2:], w.shape[2:], strides, dilations, strict=True)
        ]
        small, large = [t // 2 for t in total], [t - t // 2 for t in total]
        pads = small + large if a["auto_pad"] == "SAME_UPPER" else large + small
    x = np.pad(x, [(0, 0), (0, 0), *((pads[i], pads[rank + i]) for i in range(rank))])
    size = [
        (n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(x.shape[2:], w.shape[2:], strides, dilations, strict=True)
    ]
    y = np.zeros((len(x), w.shape[0], *size))
    out, into = w.shape[0] // groups, w.shape[1]
    for tap in np.ndindex(*w.shape[2:]):
        cut = tuple(
            slice(t * d, t * d + (n - 1) * s + 1, s) for t, d, n, s in zip(tap, dilations, size, strides, strict=True)
        )
        part = x[(slice(None), slice(None), *cut)].reshape(len(x), x.shape[1], -1)
        for g in range(groups):
            product = w[(slice(g * out, (g + 1) * out), slice(None), *tap)] @ part[:, g * into : (g + 1) * into]
            y[:, g * out : (g + 1) * out] += product.reshape(len(x), out, *size)
    return y if len(v) < 3 or v[2] is None else y + v[2].reshape(1, -1, *[1] * rank)


@evaluation("Gemm")
def gemm(v: Arrays, a: Attributes) -> np.ndarray:
    """alpha * x @ w + beta * c."""
    y = a.get("alpha", 1.0) * (v[0] @ (v[1].T if a.get("transB", 0) else v[1]))
    return y if len(v) < 3 or v[2] is None else y + a.get("beta", 1.0) * v[2]


@evaluation("MatMul")
def matmul(v: Arrays, a: Attributes) -> np.ndarray:
    """x @ w."""
    return np.asarray(v[0] @ v[1])
