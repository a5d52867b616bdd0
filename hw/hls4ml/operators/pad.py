"""Pad: a layer of our own; hls4ml's pads with zeros only, and its result takes the type of what it reads."""

from __future__ import annotations

from pathlib import Path

from codesign.errors import Reject
from codesign.graph.operators.pad import Pad
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.extension import Extension
from hw.hls4ml.registry import emits

LAYER = Extension(
    "ExactPad",
    "pad",
    Path(__file__).with_suffix(".h"),
    integers=("height", "width", "channels", "padded_height", "padded_width", "top", "left", "value"),
)


@emits(Pad)
def emit_pad(op: Pad, canvas: Canvas) -> str:
    """One layer; a frame of one axis is an image of one row."""
    if len(op.pads) > 2:
        raise Reject(f"its layer here has no {len(op.pads)} spatial axes", "use one or two spatial axes")
    *inputs, channels = canvas.shape(op.inputs[0])
    outputs = canvas.shape(op.output)
    height, width = (1, *inputs)[-2:]
    padded_height, padded_width = (1, *outputs[:-1])[-2:]
    (top, _), (left, _) = ((0, 0), *op.pads)[-2:]
    return canvas.extend(
        LAYER,
        op,
        height=height,
        width=width,
        channels=channels,
        padded_height=padded_height,
        padded_width=padded_width,
        top=top,
        left=left,
        value=op.value,
    )
