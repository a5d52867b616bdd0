"""Mul and Div by a constant in a segment; Mul of two integer tensors."""

from __future__ import annotations

from operator import mul as mul_of
from operator import truediv
from typing import TYPE_CHECKING

from codesign.errors import Reject
from codesign.ingest.file.model import Node
from codesign.ingest.functions.one_source import combine
from codesign.ingest.operands import extend, parameter
from codesign.ingest.rules import rule
from codesign.ingest.state import TURNS, Constant, State
from codesign.ingest.two_tensors import product_of

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Mul", "Div")
def mul(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """x * constant, constant * x, x / constant; rises or falls with the constant's sign."""
    x, y = inputs
    if isinstance(x, Constant) and not isinstance(y, Constant) and node.op == "Mul":
        x, y = y, x
    if isinstance(x, Constant) and node.op == "Div":
        dividend = parameter(y, x.value, "its constant")
        return extend(y, node, lambda v, lift: lift(dividend) / v, TURNS, affine=False)
    if not isinstance(y, Constant):
        joined = combine(node, x, y, mul_of if node.op == "Mul" else truediv, "unknown")
        if joined is not None:
            return joined
        if node.op == "Mul":
            return product_of(node, x, y, compiler)
        raise Reject("both operands depend on the input", "divide by a constant")
    factor = parameter(x, y.value, "its constant")
    if node.op == "Mul":
        return extend(x, node, lambda v, lift: v * lift(factor), factor)
    if (factor == 0).any():
        raise Reject("it divides by zero", "use another divisor")
    return extend(x, node, lambda v, lift: v / lift(factor), factor)
