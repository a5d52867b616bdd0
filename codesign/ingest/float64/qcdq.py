"""ONNX's quantizers, and casts."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
from onnx import helper

from codesign.ingest.float64.registry import Arrays, Attributes, evaluation, quantizer


def _spread(value: Any, x: np.ndarray, a: Attributes) -> np.ndarray:
    """A scale or zero point along the axis that the attribute names."""
    stored = np.asarray(value).astype(np.float64)
    if stored.size == 1:
        return stored.reshape(())
    return stored.reshape([stored.size if i == a.get("axis", 1) % x.ndim else 1 for i in range(x.ndim)])


@evaluation("QuantizeLinear")
def quantize_linear(v: Arrays, a: Attributes) -> np.ndarray:
    """saturate(round(x / scale) + zero), as float64."""
    x = np.asarray(v[0], np.float64)
    point = v[2] if len(v) > 2 and v[2] is not None else None
    named = helper.tensor_dtype_to_np_dtype(a["output_dtype"]) if a.get("output_dtype") else np.dtype(np.uint8)
    ends = ml_dtypes.iinfo(point.dtype if point is not None else named)
    zero = 0.0 if point is None else _spread(point, x, a)
    return np.asarray(np.clip(np.rint(x / _spread(v[1], x, a)) + zero, int(ends.min), int(ends.max)))


@quantizer("DequantizeLinear")
def dequantize_linear(v: Arrays, a: Attributes) -> tuple[np.ndarray, np.ndarray]:
    """(x - zero) * scale."""
    x = np.asarray(v[0]).astype(np.float64)
    y = x - (_spread(v[2], x, a) if len(v) > 2 and v[2] is not None else 0.0)
    return y, y * _spread(v[1], x, a)


@evaluation("Cast")
def cast(v: Arrays, a: Attributes) -> np.ndarray:
    """Integers lose what stands behind the point; floats of any width stay exact."""
    target = helper.tensor_dtype_to_np_dtype(a["to"])
    x = np.asarray(v[0]).astype(np.float64)
    return x if target.kind == "f" else np.trunc(x)
