"""Shapes, and means over whole axes."""

from __future__ import annotations

import numpy as np

from codesign.ingest.float64.registry import EVALUATIONS, Arrays, Attributes, evaluation


@evaluation("ReduceMean")
def reduce_mean(v: Arrays, a: Attributes) -> np.ndarray:
    """The mean over the axes."""
    axes = v[1].tolist() if len(v) > 1 and v[1] is not None else a["axes"]
    return np.asarray(v[0].mean(tuple(int(i) for i in axes), keepdims=bool(a.get("keepdims", 1))))


@evaluation("Reshape")
def reshape(v: Arrays, a: Attributes) -> np.ndarray:
    """A stored batch of 1 stands for the batch at hand."""
    shape = [int(n) for n in v[1].reshape(-1)]
    first = v[0].shape[0] if shape[0] in (0, 1, -1) else shape[0]
    return np.asarray(v[0].reshape(first, *(v[0].shape[i] if n == 0 else n for i, n in enumerate(shape[1:], 1))))


def _axes(v: Arrays, a: Attributes) -> tuple[int, ...]:
    stored = v[1].reshape(-1).tolist() if len(v) > 1 and v[1] is not None else a.get("axes")
    return tuple(int(i) for i in stored) if stored else tuple(i for i, n in enumerate(v[0].shape) if i and n == 1)


EVALUATIONS.update(
    {
        "GlobalAveragePool": lambda v, a: v[0].mean(tuple(range(2, v[0].ndim)), keepdims=True),
        "Flatten": lambda v, a: v[0].reshape(int(np.prod(v[0].shape[: a.get("axis", 1)])), -1),
        "Squeeze": lambda v, a: np.squeeze(v[0], _axes(v, a)),
        "Unsqueeze": lambda v, a: np.expand_dims(v[0], _axes(v, a)),
        "Transpose": lambda v, a: np.transpose(v[0], a.get("perm")),
    }
)
