"""Arithmetic of one operand: Neg, Abs, Sign, Floor, Ceil, Round, Sqrt, Reciprocal, Pow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.errors import Reject
from codesign.ingest.file.model import Node
from codesign.ingest.operands import channels_of, constant, extend
from codesign.ingest.rules import rule
from codesign.ingest.state import TURNS, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler

LARGEST_POWER = 16
METHODS = {
    "Abs": ("absolute", TURNS),
    "Sign": ("sign", 1),
    "Floor": ("floor", 1),
    "Ceil": ("ceil", 1),
    "Round": ("round", 1),
    "Sqrt": ("sqrt", 1),
}
JUMPS = ("sign", "floor", "ceil", "round")


@rule(*METHODS)
def method(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """What every number knows to do."""
    name, direction = METHODS[node.op]
    return extend(inputs[0], node, lambda x, lift: getattr(x, name)(), direction, affine=False, jumps=name in JUMPS)


@rule("Neg")
def negative(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """-x."""
    zero = np.zeros(channels_of(inputs[0]))
    return extend(inputs[0], node, lambda x, lift: lift(zero) - x, -1)


@rule("Reciprocal")
def reciprocal(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """1 / x: falls on either side of zero."""
    one = np.ones(channels_of(inputs[0]))
    return extend(inputs[0], node, lambda x, lift: lift(one) / x, TURNS, affine=False)


@rule("Pow")
def power(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """x ** k for a stored integer k, or x ** 0.5: odd powers never fall."""
    stored = constant(inputs[1], "its exponent")
    k = float(stored.flat[0])
    if (stored != k).any() or not (k == 0.5 or (k == int(k) and abs(k) <= LARGEST_POWER)):
        raise Reject(
            f"its exponent is {k:g}{'' if (stored == k).all() else ' and others'}",
            f"use one integer from -{LARGEST_POWER} to {LARGEST_POWER}, or 0.5",
        )
    one = np.ones(channels_of(inputs[0]))
    if k == 0.5:
        return extend(inputs[0], node, lambda x, lift: x.sqrt(), 1, affine=False)

    def formula(x: Any, lift: Any) -> Any:
        result = lift(one)
        for _ in range(abs(int(k))):
            result = result * x
        return result if k >= 0 else lift(one) / result

    direction = 0 if k == 0 else 1 if k > 0 and k % 2 else TURNS
    return extend(inputs[0], node, formula, direction, affine=k in (0, 1))
