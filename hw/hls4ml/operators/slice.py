"""Slice: a layer of our own, for hls4ml has none."""

from __future__ import annotations

from math import prod
from pathlib import Path

from codesign.graph.operators.slice import Slice
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.extension import Extension
from hw.hls4ml.operators.rearrange import COUNTED_AXES, padded
from hw.hls4ml.registry import emits

LAYER = Extension(
    "ExactSlice",
    "exact_slice",
    Path(__file__).with_suffix(".h"),
    integers=("kept", *(f"{what}{i}" for what in ("n", "first", "end", "step") for i in range(COUNTED_AXES))),
)


@emits(Slice)
def emit_slice(op: Slice, canvas: Canvas) -> str:
    """One layer."""
    before, after = canvas.shape(op.inputs[0]), canvas.shape(op.output)
    taken = [range(n)[s] for n, s in zip(before, op.slices, strict=True)]
    return canvas.extend(
        LAYER,
        op,
        kept=prod(after),
        **padded(list(before), 1, "n"),
        **padded([r.start for r in taken], 0, "first"),
        **padded([r.stop for r in taken], 1, "end"),
        **padded([r.step for r in taken], 1, "step"),
    )
