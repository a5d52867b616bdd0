"""Reshape: nothing where FINN's shape stays, else FINN's own Reshape."""

from __future__ import annotations

from codesign.graph import Reshape
from hw.finn.canvas import Canvas, nhwc
from hw.finn.registry import emits
from hw.finn.windows import reshape


@emits(Reshape)
def emit_reshape(op: Reshape, canvas: Canvas) -> str:
    """Emit a new shape of the same words."""
    return reshape(canvas, op.output, canvas.read(op.inputs[0]), nhwc(op.to), op.output)
