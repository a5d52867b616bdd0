"""Split: a frame in parts along one axis."""

from __future__ import annotations

from contextlib import suppress
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.ingest.file.model import Node
from codesign.ingest.movement.rearrange import rearranged, spatial_axis
from codesign.ingest.operands import constant
from codesign.ingest.rules import rule
from codesign.ingest.state import Constant, IntegerTensor, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Split")
def split(node: Node, inputs: list[State | None], compiler: Compiler) -> tuple[State, ...]:
    """One state for each output; sizes as stored, or equal parts (the last one smaller where they do not divide)."""
    sizes = node.attribute("split")
    if len(inputs) > 1 and inputs[1] is not None:
        sizes = constant(inputs[1], "its split").reshape(-1).tolist()
    stored, source = isinstance(inputs[0], Constant), inputs[0]
    if isinstance(source, IntegerTensor) and source.view is not None and source.view.size >= prod(source.tensor.shape):
        with suppress(Reject):  # what cannot be moved as a whole may be movable in parts
            source = compiler.dense(source)  # once, not for each part

    def part(index: int) -> State:
        def cut(x: np.ndarray) -> np.ndarray:
            axis = int(node.attribute("axis", 0))
            axis = axis if stored else spatial_axis(axis, x.ndim)
            length, count = x.shape[axis], len(node.outputs)
            each = -(-length // count)
            parts = sizes or [min(each, length - i * each) for i in range(count)]
            if sum(parts) != length or len(parts) != count or min(parts) < 1:
                raise Reject(f"it splits {length} into {parts}", "export the model again")
            ends = np.cumsum(parts)
            return x.take(range(ends[index] - parts[index], ends[index]), axis)

        return rearranged(source, cut)

    return tuple(part(i) for i in range(len(node.outputs)))
