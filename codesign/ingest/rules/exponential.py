"""Functions made of the exponential: Exp, Log, Sigmoid, Tanh, Softplus, Elu, Selu, Celu, and those of the normal
distribution, Erf and Gelu; Swish and Mish, which fall before they rise."""

from __future__ import annotations

from math import pi, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.errors import Reject
from codesign.ingest.file.model import Node
from codesign.ingest.operands import channels_of, extend
from codesign.ingest.rules import rule
from codesign.ingest.rules.activations import number
from codesign.ingest.state import TURNS, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler

RISING = {"Exp": "exp", "Log": "log", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softplus": "softplus", "Erf": "erf"}


@rule(*RISING)
def rising(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """A function that never falls."""
    name = RISING[node.op]
    return extend(inputs[0], node, lambda x, lift: getattr(x, name)(), 1, affine=False)


@rule("Elu", "Selu", "Celu")
def elu(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """gamma * (max(x, 0) + alpha * (exp(min(x, 0) / width) - 1)), where width is alpha for Celu, else 1."""
    x = inputs[0]
    alpha = number(x, node, "alpha", 1.67326319217681884765625 if node.op == "Selu" else 1.0)
    gamma = number(x, node, "gamma", 1.05070102214813232421875) if node.op == "Selu" else np.ones(len(alpha))
    if node.op == "Celu" and alpha[0] <= 0:
        raise Reject(f"its alpha is {alpha[0]}", "use a positive alpha")
    zero, one = np.zeros(len(alpha)), np.ones(len(alpha))
    width = alpha if node.op == "Celu" else one

    def formula(v: Any, lift: Any) -> Any:
        falling = (v.minimum(lift(zero)) / lift(width)).exp() - lift(one)
        return lift(gamma) * (v.maximum(lift(zero)) + lift(alpha) * falling)

    direction = np.sign(gamma) if alpha[0] >= 0 else np.full(len(alpha), TURNS)
    return extend(x, node, formula, direction.astype(np.int64), affine=False)


@rule("Swish", "Mish")
def swish(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """x * sigmoid(alpha * x), or x * tanh(softplus(x))."""
    alpha = number(inputs[0], node, "alpha", 1.0)
    if node.op == "Swish":
        return extend(inputs[0], node, lambda x, lift: x * (x * lift(alpha)).sigmoid(), TURNS, affine=False)
    return extend(inputs[0], node, lambda x, lift: x * x.softplus().tanh(), TURNS, affine=False)


@rule("Gelu")
def gelu(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """x / 2 * erfc(-x / sqrt(2)); approximated, x / 2 * (1 + tanh(k * (x + 0.044715 x**3))), k**2 = 2 / pi.

    The approximation's two constants are those of float64.
    """
    x, channels = inputs[0], channels_of(inputs[0])
    two, minus, small, k = (np.full(channels, v) for v in (2.0, -2.0, 0.044715, sqrt(2 / pi)))
    approximate = node.attribute("approximate", "none")
    if approximate not in ("none", "tanh"):
        raise Reject(f"its approximation is {approximate}", "use none or tanh")

    def exact(v: Any, lift: Any) -> Any:
        return v / lift(two) * (v * lift(two).sqrt() / lift(minus)).erfc()

    def close(v: Any, lift: Any) -> Any:
        # 1 + tanh(z) = 2 sigmoid(2 z), which keeps its precision far below zero
        return v * ((v + lift(small) * v * v * v) * lift(k) * lift(two)).sigmoid()

    return extend(x, node, exact if approximate == "none" else close, TURNS, affine=False)
