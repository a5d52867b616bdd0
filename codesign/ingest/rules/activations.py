"""Activations made of pieces of lines: LeakyRelu, PRelu, ThresholdedRelu, HardSigmoid, HardSwish, Softsign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.ingest.file.model import Node
from codesign.ingest.operands import channels_of, constant, extend, parameter
from codesign.ingest.rules import rule
from codesign.ingest.state import TURNS, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("LeakyRelu", "PRelu")
def leaky_relu(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """max(x, 0) + slope * min(x, 0): never falls where the slope is not negative."""
    x = inputs[0]
    if node.op == "PRelu":
        slope = parameter(x, constant(inputs[1], "its slope"), "its slope")
    else:
        slope = number(x, node, "alpha", 0.01)
    zero = np.zeros(len(slope))

    def formula(v: Any, lift: Any) -> Any:
        return v.maximum(lift(zero)) + lift(slope) * v.minimum(lift(zero))

    return extend(x, node, formula, np.where(slope >= 0, 1, TURNS), affine=False)


@rule("ThresholdedRelu")
def thresholded_relu(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """x where x > alpha, else 0: a jump at alpha, upwards if alpha is not negative."""
    alpha = number(inputs[0], node, "alpha", 1.0)
    zero = np.zeros(len(alpha))

    def formula(x: Any, lift: Any) -> Any:
        return x * (x - lift(alpha)).sign().maximum(lift(zero))

    return extend(inputs[0], node, formula, np.where(alpha >= 0, 1, TURNS), affine=False, jumps=True)


@rule("HardSigmoid")
def hard_sigmoid(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """max(0, min(1, alpha * x + beta)): rises or falls with alpha's sign."""
    alpha, beta = (number(inputs[0], node, name, d) for name, d in (("alpha", 0.2), ("beta", 0.5)))

    def formula(x: Any, lift: Any) -> Any:
        return _clamped(x * lift(alpha) + lift(beta), lift, len(alpha))

    return extend(inputs[0], node, formula, alpha, affine=False)


@rule("HardSwish")
def hard_swish(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """x * max(0, min(1, x / 6 + 1/2)), a sixth being one and no float32: falls, then rises."""
    six, half = (np.full(channels_of(inputs[0]), v) for v in (6.0, 0.5))

    def formula(x: Any, lift: Any) -> Any:
        return x * _clamped(x / lift(six) + lift(half), lift, len(six))

    return extend(inputs[0], node, formula, TURNS, affine=False)


@rule("Softsign")
def softsign(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """x / (1 + |x|): never falls."""
    one = np.ones(channels_of(inputs[0]))
    return extend(inputs[0], node, lambda x, lift: x / (lift(one) + x.absolute()), 1, affine=False)


def number(x: State | None, node: Node, name: str, default: float) -> np.ndarray:
    """An attribute, float64 [C]; it is a float32 in the file, and so is its default."""
    return np.full(channels_of(x), float(np.float32(node.attribute(name, default))))


def _clamped(x: Any, lift: Any, channels: int) -> Any:
    return x.maximum(lift(np.zeros(channels))).minimum(lift(np.ones(channels)))
