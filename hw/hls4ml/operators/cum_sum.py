"""CumSum: a layer of our own, for hls4ml has none."""

from __future__ import annotations

from math import prod
from pathlib import Path

import numpy as np

from codesign.graph.operators.cum_sum import CumSum
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.extension import Extension
from hw.hls4ml.precision import narrowest, partial_sums
from hw.hls4ml.registry import emits

LAYER = Extension(
    "ExactCumSum",
    "cum_sum",
    Path(__file__).with_suffix(".h"),
    integers=("outer", "size", "inner", "exclusive"),
    types=("sum_t",),
)


@emits(CumSum)
def emit_cum_sum(op: CumSum, canvas: Canvas) -> str:
    """One layer."""
    shape = canvas.shape(op.output)
    t = canvas.graph.tensors[op.inputs[0]]
    ones = np.ones((1, op.size), np.int64)
    total = narrowest(*partial_sums(ones, np.full(op.size, t.low.min()), np.full(op.size, t.high.max())))
    return canvas.extend(
        LAYER,
        op,
        outer=prod(shape[: op.axis]),
        size=op.size,
        inner=prod(shape[op.axis + 1 :]),
        exclusive=op.exclusive,
        sum_t=f"ap_{total}",
    )
