"""Reshape: a layer of our own, for hls4ml's passes drop, alias or replace its own, with the types that it was given.

But a vector for fully connected layers is hls4ml's own in streams: it leaves the stream as it is, and its Dense reads
position by position, where ours would make one word of the whole frame.
"""

from __future__ import annotations

from math import gcd, prod
from pathlib import Path

from codesign.graph import MatMul, Reshape
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.extension import Extension
from hw.hls4ml.registry import emits

LAYER = Extension(
    "ExactReshape",
    "exact_reshape",
    Path(__file__).with_suffix(".h"),
    integers=("frame", "before", "after", "step"),
)


@emits(Reshape)
def emit_reshape(op: Reshape, canvas: Canvas) -> str:
    """One layer; a reshape to the same shape is a copy."""
    before, after = canvas.shape(op.inputs[0]), canvas.shape(op.output)
    if _keeps_stream(op, canvas):
        inputs = [canvas.read(op.inputs[0])]
        return canvas.add("Reshape", op.output, inputs, canvas.bounds(op.output), target_shape=list(after))
    return canvas.extend(
        LAYER,
        op,
        frame=prod(before),
        before=before[-1],
        after=after[-1],
        step=gcd(before[-1], after[-1]),
    )


def _keeps_stream(op: Reshape, canvas: Canvas) -> bool:
    """Whether nobody needs the vector's integers side by side: its readers are fully connected, or copies for such."""
    graph = canvas.graph
    if canvas.settings.io_type != "io_stream" or op.output == graph.output or len(op.to) > 1:
        return False
    return all(
        isinstance(reader, MatMul) or (isinstance(reader, Reshape) and _keeps_stream(reader, canvas))
        for reader in graph.readers(op.output)
    )
