"""Upsample and Spread: a layer of our own, a position at a time; hls4ml's Resize unrolls whole rows."""

from __future__ import annotations

from pathlib import Path

from codesign.errors import Reject
from codesign.graph.operators.upsample import Upsample
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.extension import Extension
from hw.hls4ml.registry import emits
from hw.hls4ml.spread import Spread

LAYER = Extension(
    "ExactSpread",
    "spread",
    Path(__file__).with_suffix(".h"),
    integers=("height", "width", "channels", "factor_height", "factor_width", "copies"),
)


@emits(Spread, Upsample)
def emit_spread(op: Spread | Upsample, canvas: Canvas) -> str:
    """One layer; a frame of one axis is an image of one row."""
    if len(op.factors) > 2:
        raise Reject(f"its layer here has no {len(op.factors)} spatial axes", "use one or two spatial axes")
    *spatial, channels = canvas.shape(op.inputs[0])
    height, width = [1, *spatial][-2:]
    rows, columns = (1, *op.factors)[-2:]
    return canvas.extend(
        LAYER,
        op,
        height=height,
        width=width,
        channels=channels,
        factor_height=rows,
        factor_width=columns,
        copies=int(isinstance(op, Upsample)),
    )
