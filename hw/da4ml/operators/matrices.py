"""Products with weights: sums that da4ml shares, without multipliers."""

from __future__ import annotations

import numpy as np

from codesign.errors import Reject
from codesign.graph import Conv, MatMul
from hw.da4ml.registry import traces

LARGEST_WEIGHT = 2**24
"""da4ml's matrices are float32."""


@traces(MatMul)
def matmul(op: MatMul, x: np.ndarray) -> np.ndarray:
    """A constant matrix times each position."""
    rows = [product(op.output, row, op.weights) for row in x.reshape(-1, x.shape[-1])]
    return np.stack(rows).reshape(*x.shape[:-1], len(op.weights))


@traces(Conv)
def conv(op: Conv, x: np.ndarray) -> np.ndarray:
    """Unrolled: a constant matrix for each position and group, without the taps that see padding."""
    where = np.arange(1, x.size + 1).reshape(1, *x.shape)  # 0 is padding
    span = [d * (k - 1) + 1 for d, k in zip(op.dilation, op.kernel, strict=True)]
    padded = np.pad(where, [(0, 0), *op.pads, (0, 0)])[0]
    outputs, per_group = op.weights.shape[0] // op.groups, op.weights.shape[-1]
    shape = op.shape(x.shape)
    made = np.empty(shape, object)
    for index in np.ndindex(shape[:-1]):
        starts = [i * s for i, s in zip(index, op.stride, strict=True)]
        taps = tuple(slice(a, a + n, d) for a, n, d in zip(starts, span, op.dilation, strict=True))
        window = padded[taps].reshape(-1, x.shape[-1])
        for g in range(op.groups):
            sources = window[:, g * per_group : (g + 1) * per_group].reshape(-1)
            weights = op.weights[g * outputs : (g + 1) * outputs].reshape(outputs, -1)
            seen = sources > 0
            made[(*index, slice(g * outputs, (g + 1) * outputs))] = product(
                op.output, x.reshape(-1)[sources[seen] - 1], weights[:, seen]
            )
    return made


def product(name: str, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """``weights @ x`` of one vector by da4ml's optimiser of constant matrix products (shared sums, no multipliers)."""
    from da4ml.trace import FixedVariable, FixedVariableArray

    if np.abs(weights).max(initial=0) > LARGEST_WEIGHT:
        raise Reject(f"{name} has weights beyond 2**24, and da4ml's matrices are float32", "quantize to fewer bits")
    if not any(isinstance(value, FixedVariable) for value in x):
        return weights @ x  # nothing but constants
    return np.asarray((FixedVariableArray(x) @ weights.T.astype(np.float64))._vars, object)
