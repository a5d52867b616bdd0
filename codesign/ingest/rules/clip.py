"""Clip in a segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.errors import Reject
from codesign.ingest.file import qcdq
from codesign.ingest.file.model import Node
from codesign.ingest.operands import channels_of, constant, extend
from codesign.ingest.rules import rule
from codesign.ingest.state import Constant, Quantized, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Clip")
def clip(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """min(max(x, low), high): never falls."""
    if isinstance(inputs[0], Quantized | Constant):
        return qcdq.clip(inputs[0], _stored(node, inputs, 1, "min"), _stored(node, inputs, 2, "max"))
    channels = channels_of(inputs[0])
    low, high = _bound(node, inputs, 1, "min", channels), _bound(node, inputs, 2, "max", channels)
    if low is not None and high is not None and (low > high).any():
        raise Reject(f"its min {low[0]} is above its max {high[0]}", "order them")

    def formula(x: Any, lift: Any) -> Any:
        x = x if low is None else x.maximum(lift(low))
        return x if high is None else x.minimum(lift(high))

    return extend(inputs[0], node, formula, 1, affine=False, clamp=(low, high))


def _bound(node: Node, inputs: list[State | None], index: int, name: str, channels: int) -> np.ndarray | None:
    """One bound, float64 [C]; None where it bounds nothing."""
    value = _stored(node, inputs, index, name)
    return None if value is None or not np.isfinite(value) else np.full(channels, value)


def _stored(node: Node, inputs: list[State | None], index: int, name: str) -> float | None:
    """An attribute before opset 11, an input since."""
    value = node.attribute(name)
    if len(inputs) > index and inputs[index] is not None:
        value = constant(inputs[index], f"its {name}", finite=False).flat[0]
    return None if value is None else float(value)
