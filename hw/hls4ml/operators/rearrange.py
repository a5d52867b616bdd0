"""Transpose and Expand: a layer of our own that keeps a frame in memory and reads it in strides.

hls4ml's Transpose keeps all of a stream's frame in registers, and its passes move and drop it; it has no broadcast by
itself.
"""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

from codesign.errors import Reject
from codesign.graph.operators.expand import Expand
from codesign.graph.operators.transpose import Transpose
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.extension import Extension
from hw.hls4ml.registry import emits

COUNTED_AXES = 4
"""Axes that the C++ counts; frames of fewer have outer ones of length 1."""
LAYER = Extension(
    "ExactRearrange",
    "rearrange",
    Path(__file__).with_suffix(".h"),
    integers=("frame", "channels", *(f"n{i}" for i in range(COUNTED_AXES)), *(f"s{i}" for i in range(COUNTED_AXES))),
)


def strides(shape: tuple[int, ...]) -> list[int]:
    """Words from an index to the next along each axis of a frame."""
    return [prod(shape[axis + 1 :]) for axis in range(len(shape))]


def padded(values: list[int], outer: int, what: str) -> dict[str, Any]:
    """``values`` of a frame's axes as ``what``0 to ``what``3, with ``outer`` for the axes that it lacks.

    Raises:
        Reject: the frame has more axes.
    """
    if len(values) > COUNTED_AXES:
        raise Reject(
            f"frames of {len(values)} axes are more than the {COUNTED_AXES} that this layer counts", "merge axes"
        )
    return {f"{what}{i}": v for i, v in enumerate([outer] * (COUNTED_AXES - len(values)) + values)}


@emits(Transpose, Expand)
def emit_rearrange(op: Transpose | Expand, canvas: Canvas) -> str:
    """One layer; a repeated axis has the stride 0."""
    before, after = canvas.shape(op.inputs[0]), canvas.shape(op.output)
    steps = strides(before)
    if isinstance(op, Transpose):
        steps = [steps[axis] for axis in op.axes]
    else:
        steps = [0 if n == 1 else step for n, step in zip(before, steps, strict=True)]
    return canvas.extend(
        LAYER,
        op,
        frame=prod(before),
        channels=before[-1],
        **padded(list(after), 1, "n"),
        **padded(steps, 0, "s"),
    )
