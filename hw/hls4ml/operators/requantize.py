"""Requantize: a layer of our own, for hls4ml has only scales that it rounds to fixed point."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from codesign.graph import Requantize
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.extension import Extension
from hw.hls4ml.precision import narrowest
from hw.hls4ml.registry import emits

LAYER = Extension(
    "ExactRequantize",
    "requantize",
    Path(__file__).with_suffix(".h"),
    integers=("frame", "channels", "shift", "low", "high"),
    types=("sum_t",),
    weights=("multiplier", "offset"),
)


@emits(Requantize)
def emit_requantize(op: Requantize, canvas: Canvas) -> str:
    """One layer; its sum holds what the range of the input makes, and is wider than the shift.

    A shift by the width or more fills with the sign in the headers for C simulation, and may be anything in synthesis.
    """
    t = canvas.graph.tensors[op.inputs[0]]
    multiplier, offset = (np.broadcast_to(v, t.channels).astype(object) for v in (op.multiplier, op.offset))
    ends = [multiplier * bound.astype(object) for bound in (t.low, t.high)]
    ends += [end + offset for end in ends]
    values = [int(v) for end in ends for v in end] + [op.low, op.high]
    total = narrowest(min(*values, -1), max(values))
    return canvas.extend(
        LAYER,
        op,
        constants={"multiplier": np.asarray(multiplier, np.int64), "offset": np.asarray(offset, np.int64)},
        frame=int(np.prod(t.shape)),
        channels=t.channels,
        shift=op.shift,
        low=op.low,
        high=op.high,
        sum_t=f"ap_int<{max(total.bits, op.shift + 1)}>",
    )
