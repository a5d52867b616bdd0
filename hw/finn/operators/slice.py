"""Slice: Crop, and ConvolutionInputGenerator where positions between are left out."""

from __future__ import annotations

from math import prod

from codesign.graph.operators.slice import Slice
from hw.finn.canvas import Canvas, nhwc
from hw.finn.registry import emits
from hw.finn.windows import crop, reshape, windows


@emits(Slice)
def emit_slice(op: Slice, canvas: Canvas) -> str:
    """Emit the parts of the axes one after the other; each axis in turn counts as an image's width."""
    x = canvas.read(op.inputs[0])
    shape = list(canvas.graph.tensors[op.inputs[0]].shape)
    for axis, part in enumerate(op.slices):
        taken = range(*part.indices(shape[axis]))
        if len(taken) == shape[axis]:
            continue
        image = (1, prod(shape[:axis]), shape[axis], prod(shape[axis + 1 :]))
        name = f"{op.output}_axis{axis}"
        x = reshape(canvas, op.output, x, image, f"{name}_whole")
        ends = (taken[0], shape[axis] - 1 - taken[-1])
        x = crop(canvas, op.output, x, (0, 0), ends, name)
        if taken.step > 1 and len(taken) > 1:
            # Only every step-th column of what is left; the name keeps two such axes apart.
            x = windows(canvas, op.output, x, (1, 1), (1, taken.step), (1, 1), depthwise=False, output=f"{name}_part")
        shape[axis] = len(taken)
    return reshape(canvas, op.output, x, nhwc(tuple(shape)), op.output)
