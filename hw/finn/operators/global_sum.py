"""GlobalSum: GlobalAccPool."""

from __future__ import annotations

from codesign.graph import GlobalSum
from hw.finn.canvas import Canvas
from hw.finn.registry import emits


@emits(GlobalSum)
def emit_global_sum(op: GlobalSum, canvas: Canvas) -> str:
    """Emit the sum over all positions; FINN keeps the two spatial axes, of length 1."""
    x = canvas.read(op.inputs[0])
    shape = canvas.shapes[x]
    return canvas.node(
        "GlobalAccPool",
        op.output,
        [x],
        [canvas.output(op.output)],
        {"PE": shape[-1]},
        NumChannels=shape[-1],
        inputDataType=canvas.types[x],
        numInputVectors=shape[:-1],
    )
