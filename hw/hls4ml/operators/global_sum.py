"""GlobalSum: a layer of our own, for hls4ml's global average divides in fixed point."""

from __future__ import annotations

from math import prod
from pathlib import Path

from codesign.graph import GlobalSum
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.extension import Extension
from hw.hls4ml.registry import emits

LAYER = Extension("ExactGlobalSum", "global_sum", Path(__file__).with_suffix(".h"), integers=("frame", "channels"))


@emits(GlobalSum)
def emit_global_sum(op: GlobalSum, canvas: Canvas) -> str:
    """One layer; its result holds every partial sum, for it is where they are summed."""
    shape = canvas.shape(op.inputs[0])
    low, high = canvas.bounds(op.output)
    return canvas.extend(
        LAYER,
        op,
        result=(min(low, 0), max(high, 0)),
        frame=prod(shape),
        channels=shape[-1],
    )
