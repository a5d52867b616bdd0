"""Flatten, Reshape, Squeeze, Unsqueeze, Transpose."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.errors import Reject
from codesign.ingest.file.model import Node
from codesign.ingest.movement.rearrange import rearranged
from codesign.ingest.operands import constant
from codesign.ingest.rules import rule
from codesign.ingest.state import Constant, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Flatten", "Reshape", "Squeeze", "Unsqueeze")
def reshape(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """The same values in another shape; nothing is computed."""
    stored = isinstance(inputs[0], Constant)

    def reshaped(x: np.ndarray) -> np.ndarray:
        target = _target(node, inputs, x.shape)
        if not stored and (not target or target[0] != 1):
            raise Reject(f"it makes the shape {target}, whose first axis is not the batch", "keep the batch first")
        return x.reshape(target)

    return rearranged(inputs[0], reshaped)


@rule("Transpose")
def transpose(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """Axes in another order."""
    stored = isinstance(inputs[0], Constant)

    def transposed(x: np.ndarray) -> np.ndarray:
        axes = node.attribute("perm", list(range(x.ndim))[::-1])
        if not stored and axes[0] != 0:
            raise Reject(f"it moves the batch axis ({axes})", "keep the batch first")
        return x.transpose(axes)

    return rearranged(inputs[0], transposed)


def _target(node: Node, inputs: list[State | None], old: tuple[int, ...]) -> tuple[int, ...]:
    """The new shape, batch included."""
    if node.op == "Flatten":
        axis = int(node.attribute("axis", 1))
        axis += len(old) if axis < 0 else 0
        return prod(old[:axis]), prod(old[axis:])
    stored: Any = node.attribute("axes" if "queeze" in node.op else "shape")
    if len(inputs) > 1 and inputs[1] is not None:
        stored = constant(inputs[1], "its shape").reshape(-1).tolist()
    if node.op == "Reshape":
        new = [old[i] if n == 0 and not node.attribute("allowzero", 0) else int(n) for i, n in enumerate(stored)]
        rest = prod(n for n in new if n != -1)
        return tuple(prod(old) // max(rest, 1) if n == -1 else n for n in new)
    if node.op == "Unsqueeze":
        rank = len(old) + len(stored)
        places, left = {int(a) % rank for a in stored}, list(old)
        return tuple(1 if i in places else left.pop(0) for i in range(rank))
    drop = {int(a) % len(old) for a in stored} if stored else {i for i, n in enumerate(old) if n == 1 and i}
    return tuple(n for i, n in enumerate(old) if i not in drop)
