"""Threshold: a layer of our own that compares and counts; hls4ml's have thresholds of ±1 and ternary outputs only."""

from __future__ import annotations

from math import prod
from pathlib import Path

import numpy as np

from codesign.graph import Threshold
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.extension import Extension
from hw.hls4ml.precision import narrowest
from hw.hls4ml.registry import emits

LAYER = Extension(
    "ExactThreshold",
    "exact_threshold",
    Path(__file__).with_suffix(".h"),
    integers=("frame", "channels", "levels", "low"),
    types=("count_t",),
    weights=("threshold", "falling"),
)


@emits(Threshold)
def emit_threshold(op: Threshold, canvas: Canvas) -> str:
    """One layer; a threshold beyond the input's range is moved to its end, which changes nothing."""
    t = canvas.graph.tensors[op.inputs[0]]
    falling = np.broadcast_to(op.descending, t.channels)
    lowest, above = t.low[:, None], t.high[:, None] + 1
    thresholds = np.clip(np.broadcast_to(op.thresholds, (t.channels, op.levels)), lowest, above)
    if not op.levels:  # C++ has no empty array: a level that makes no difference
        thresholds = np.where(falling[:, None], lowest, above)
    levels = thresholds.shape[1]
    counted = narrowest(min(op.low, -1), max(levels, levels + op.low))
    return canvas.extend(
        LAYER,
        op,
        constants={"threshold": thresholds, "falling": falling.astype(np.int64)},
        frame=prod(t.shape),
        channels=t.channels,
        levels=levels,
        low=op.low,
        count_t=f"ap_int<{counted.bits}>",
    )
