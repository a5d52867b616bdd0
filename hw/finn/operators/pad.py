"""Pad: FMPadding, which adds zeros; another integer becomes zero for as long."""

from __future__ import annotations

from codesign.graph.operators.pad import Pad
from hw.finn.canvas import Canvas
from hw.finn.registry import emits
from hw.finn.windows import shift, zero_pad


@emits(Pad)
def emit_pad(op: Pad, canvas: Canvas) -> str:
    """Emit constant padding."""
    x, value = canvas.read(op.inputs[0]), op.value
    if value == 0 or not any(p for pair in op.pads for p in pair):
        return zero_pad(canvas, op.output, x, op.pads, op.output)
    low, high = canvas.bounds(op.output)
    least, most = int(low.min()), int(high.max())
    x = shift(canvas, op.output, x, -value, least - value, most - value)
    return shift(canvas, op.output, zero_pad(canvas, op.output, x, op.pads), value, least, most, op.output)
