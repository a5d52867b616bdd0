"""Reshape: nothing where FINN's shape stays, else FINN's own Reshape."""

from __future__ import annotations

from codesign.graph import Reshape
from hw.finn.canvas import Canvas, nhwc
from hw.finn.registry import emits


@emits(Reshape)
def emit_reshape(op: Reshape, canvas: Canvas) -> str:
    """Emit a new shape of the same words."""
    x = canvas.read(op.inputs[0])
    shape = nhwc(op.to)
    if shape == canvas.shapes[x]:
        return x
    return canvas.node(
        "Reshape",
        op.output,
        [x],
        [canvas.declare(op.output, shape, canvas.types[x])],
        {"PE": shape[-1]},
        inp_shape=canvas.shapes[x],
        out_shape=shape,
        dtype=canvas.types[x],
    )
