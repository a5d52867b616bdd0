"""Upsample and Expand: UpsampleNearestNeighbour; more channels from one by a product with ones."""

from __future__ import annotations

import numpy as np

from codesign.graph.operators.expand import Expand
from codesign.graph.operators.upsample import Upsample
from hw.finn.canvas import Canvas, nhwc
from hw.finn.registry import emits


@emits(Upsample)
def emit_upsample(op: Upsample, canvas: Canvas) -> str:
    """Emit nearest upsampling by whole factors."""
    x = canvas.read(op.inputs[0])
    return _repeat(op.output, x, nhwc(canvas.graph.tensors[op.output].shape), op.output, canvas)


@emits(Expand)
def emit_expand(op: Expand, canvas: Canvas) -> str:
    """Emit the repetition along axes of length 1."""
    x = canvas.read(op.inputs[0])
    shape = nhwc(op.to)
    channels = canvas.shapes[x][-1]
    spread = (*shape[:3], channels)
    if channels == shape[3]:
        return _repeat(op.output, x, spread, op.output, canvas)
    x = _repeat(op.output, x, spread, f"{op.output}_spread", canvas)
    ones = canvas.parameter(f"{op.output}_ones", np.ones(shape[3], np.int64), "BINARY")
    return canvas.elementwise("Mul", op.output, x, ones, canvas.declare(op.output, shape, canvas.types[x]))


def _repeat(owner: str, x: str, shape: tuple[int, ...], output: str, canvas: Canvas) -> str:
    _, height, width, channels = canvas.shapes[x]
    if shape == canvas.shapes[x]:
        return x
    return canvas.node(
        "UpsampleNearestNeighbour",
        owner,
        [x],
        [canvas.declare(output, shape, canvas.types[x])],
        {"SIMD": channels},
        HO=shape[1],
        WO=shape[2],
        HI=height,
        WI=width,
        NumChannels=channels,
        inputDataType=canvas.types[x],
    )
