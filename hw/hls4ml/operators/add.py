"""Add: hls4ml's Merge, which adds two streams of one shape as they are."""

from __future__ import annotations

from codesign.errors import Reject
from codesign.graph import Add
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.registry import emits


@emits(Add)
def emit_add(op: Add, canvas: Canvas) -> str:
    """One layer; the normalised graph has no coefficients left."""
    if tuple(op.coefficients) != (1, 1):
        raise Reject(f"hls4ml adds without the coefficients {op.coefficients}", "normalise the graph first")
    inputs = [canvas.read(name) for name in op.inputs]
    return canvas.add("Merge", op.output, inputs, canvas.bounds(op.output), op="add")
