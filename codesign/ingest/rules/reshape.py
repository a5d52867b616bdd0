"""Flatten, Reshape, Squeeze, Unsqueeze that leave every value in its place; Transpose of weights."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.ingest.model import Node
from codesign.ingest.operands import constant, moved
from codesign.ingest.refusal import Reject
from codesign.ingest.rules import rule
from codesign.ingest.state import Constant, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Flatten", "Reshape", "Squeeze", "Unsqueeze")
def reshape(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """The same values in another shape; nothing is computed."""
    x = inputs[0]
    if isinstance(x, Constant):
        return _constant(x, _target(node, inputs, x.value.shape))
    return moved(x, lambda index: index.reshape(_target(node, inputs, (1, *index.shape))[1:]))


@rule("Transpose")
def transpose(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """Of stored weights, or one that moves nothing."""
    x = inputs[0]
    if isinstance(x, Constant):
        axes = node.attribute("perm", list(range(x.value.ndim))[::-1])
        parts = (None if a is None else np.transpose(a, axes) for a in (x.value, x.integers, x.scale))
        return Constant(*parts)  # type: ignore[arg-type]

    def transposed(index: np.ndarray) -> np.ndarray:
        axes = node.attribute("perm", list(range(index.ndim + 1))[::-1])
        if axes[0] != 0:
            raise Reject(f"it moves the batch axis ({axes})", "keep the batch first")
        return index.transpose([a - 1 for a in axes[1:]])

    return moved(x, transposed)


def _target(node: Node, inputs: list[State | None], old: tuple[int, ...]) -> tuple[int, ...]:
    """The new shape, batch included."""
    if node.op == "Flatten":
        axis = int(node.attribute("axis", 1)) % (len(old) + 1)
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


def _constant(x: Constant, shape: tuple[int, ...]) -> Constant:
    if x.integers is None or x.scale is None:
        return Constant(x.value.reshape(shape))
    full = np.broadcast_to(x.scale, x.value.shape).reshape(shape)
    scale = full if x.scale.size > 1 else x.scale.reshape((1,) * len(shape))
    return Constant(x.value.reshape(shape), x.integers.reshape(shape), scale)
