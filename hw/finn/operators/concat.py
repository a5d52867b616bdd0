"""Concat: StreamingConcat, which joins channels; along another axis what it holds counts as channels."""

from __future__ import annotations

from math import gcd, prod

from codesign.graph.operators.concat import Concat
from hw.finn.canvas import Canvas
from hw.finn.registry import emits
from hw.finn.windows import reshape


@emits(Concat)
def emit_concat(op: Concat, canvas: Canvas) -> str:
    """Emit tensors one after the other along any axis."""
    parts: list[str] = []
    outer: tuple[int, ...] = ()
    for i, tensor in enumerate(op.inputs):
        shape = canvas.graph.tensors[tensor].shape
        axis = len(shape) + op.axis
        outer = (1, 1, prod(shape[:axis])) if op.axis < -1 else canvas.shapes[canvas.names[tensor]][:3]
        words = prod(shape[axis:])
        parts.append(reshape(canvas, op.output, canvas.read(tensor), (*outer, words), f"{op.output}_part{i}"))
    channels = [canvas.shapes[part][-1] for part in parts]
    made = canvas.output(op.output)
    shape, kind = canvas.shapes[made], canvas.types[made]
    joined = made if op.axis == -1 else f"{op.output}_joined"
    canvas.node(
        "StreamingConcat",
        op.output,
        parts,
        [canvas.declare(joined, (*outer, sum(channels)), kind)],
        {"SIMD": gcd(*channels)},
        ChannelsPerStream=channels,
        inputDataTypes=[canvas.types[part] for part in parts],
        numInputVectors=outer,
    )
    return reshape(canvas, op.output, joined, shape, made)
