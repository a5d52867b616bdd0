"""Mul: ElementwiseMul."""

from __future__ import annotations

from codesign.graph.operators.mul import Mul
from hw.finn.canvas import Canvas
from hw.finn.registry import emits


@emits(Mul)
def emit_mul(op: Mul, canvas: Canvas) -> str:
    """Emit ``x * y``."""
    left, right = (canvas.read(tensor) for tensor in op.inputs)
    return canvas.elementwise("Mul", op.output, left, right, canvas.output(op.output))
