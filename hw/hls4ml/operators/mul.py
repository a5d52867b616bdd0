"""Mul: hls4ml's Merge, which multiplies two streams of one shape in full precision."""

from __future__ import annotations

from codesign.graph.operators.mul import Mul
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.registry import emits


@emits(Mul)
def emit_mul(op: Mul, canvas: Canvas) -> str:
    """One layer."""
    inputs = [canvas.read(name) for name in op.inputs]
    return canvas.add("Merge", op.output, inputs, canvas.bounds(op.output), op="multiply")
