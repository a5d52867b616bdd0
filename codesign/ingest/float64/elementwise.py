"""Arithmetic of one element, or of two tensors element by element."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import numpy_helper

from codesign.ingest.float64.registry import EVALUATIONS, Arrays, Attributes, evaluation, wide

EVALUATIONS.update(
    {
        "Add": lambda v, a: v[0] + v[1],
        "Sub": lambda v, a: v[0] - v[1],
        "Mul": lambda v, a: v[0] * v[1],
        "Div": lambda v, a: v[0] / v[1],
        "Relu": lambda v, a: np.maximum(v[0], 0),
        "Identity": lambda v, a: v[0],
        "Dropout": lambda v, a: v[0],
    }
)


@evaluation("BatchNormalization")
def batch_normalization(v: Arrays, a: Attributes) -> Any:
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta."""
    gamma, beta, mean, variance = (p.reshape(1, -1, *[1] * (v[0].ndim - 2)) for p in v[1:5])
    epsilon = a.get("epsilon", float(np.float32(1e-5)))
    return (v[0] - mean) / np.sqrt(variance + epsilon) * gamma + beta


@evaluation("Clip")
def clip(v: Arrays, a: Attributes) -> np.ndarray:
    """min(max(x, low), high); bounds are attributes or operands."""
    low, high = (v[i] if len(v) > i and v[i] is not None else a.get(n) for i, n in ((1, "min"), (2, "max")))
    return np.clip(v[0], -np.inf if low is None else low, np.inf if high is None else high)


@evaluation("Constant")
def constant(v: Arrays, a: Attributes) -> np.ndarray:
    """The stored value."""
    if "value" in a:
        return wide(numpy_helper.to_array(a["value"]))
    return np.asarray(next(value for name, value in a.items() if name.startswith("value_")))
