"""Concat: hls4ml's Concatenate of two tensors."""

from __future__ import annotations

from codesign.errors import Reject
from codesign.graph.operators.concat import Concat
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.limits import MOST_JOINED_AXES
from hw.hls4ml.registry import emits


@emits(Concat)
def emit_concat(op: Concat, canvas: Canvas) -> str:
    """One layer; the normalised graph has two inputs a Concat and no frames of more axes than hls4ml counts."""
    rank = len(canvas.shape(op.output))
    if len(op.inputs) != 2 or rank > MOST_JOINED_AXES:
        raise Reject(f"hls4ml joins two tensors of up to {MOST_JOINED_AXES} axes", "normalise the graph first")
    inputs = [canvas.read(name) for name in op.inputs]
    kind = f"concatenate{rank}d"
    return canvas.add("Concatenate", op.output, inputs, canvas.bounds(op.output), axis=op.axis, op=kind)
