"""Slice: ranges along the axes of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.ingest.file.model import Node
from codesign.ingest.movement.rearrange import rearranged
from codesign.ingest.operands import constant
from codesign.ingest.rules import rule
from codesign.ingest.state import State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Slice")
def slice_(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """``x[starts:ends:steps]`` along ``axes``; attributes before opset 10, inputs since."""
    starts, ends, axes, steps = (
        _list(node, inputs, i, n) for i, n in enumerate(("starts", "ends", "axes", "steps"), 1)
    )
    if starts is None or ends is None:
        raise Reject("it has no starts or no ends", "export the model again")

    def sliced(x: np.ndarray) -> np.ndarray:
        cut = [slice(None)] * x.ndim
        along = axes if axes is not None else range(len(starts))
        for start, end, axis, step in zip(starts, ends, along, steps or [1] * len(starts), strict=True):
            cut[axis % x.ndim] = _range(start, end, step, x.shape[axis])
        return x[tuple(cut)]

    return rearranged(inputs[0], sliced)


def _list(node: Node, inputs: list[State | None], index: int, name: str) -> list[int] | None:
    if len(inputs) > index and inputs[index] is not None:
        return [int(v) for v in constant(inputs[index], f"its {name}").reshape(-1)]
    stored = node.attribute(name)
    return None if stored is None else [int(v) for v in stored]


def _range(start: int, end: int, step: int, length: int) -> slice:
    """As ONNX clamps: one before the first element is no index of Python's."""
    start, end = (v + length if v < 0 else v for v in (start, end))
    if step > 0:
        return slice(min(max(start, 0), length), min(max(end, 0), length), step)
    start, end = min(max(start, 0), length - 1), min(max(end, -1), length - 1)
    return slice(start, None if end < 0 else end, step)
