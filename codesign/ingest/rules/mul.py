"""Mul and Div by a constant in a segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesign.ingest.model import Node
from codesign.ingest.operands import extend, parameter
from codesign.ingest.refusal import Reject
from codesign.ingest.rules import rule
from codesign.ingest.state import Constant, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Mul", "Div")
def mul(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """x * constant, constant * x, x / constant; rises or falls with the constant's sign."""
    x, y = inputs
    if isinstance(x, Constant) and not isinstance(y, Constant) and node.op == "Mul":
        x, y = y, x
    if not isinstance(y, Constant):
        raise Reject("both operands depend on the input, or it divides a constant", "use a constant factor")
    factor = parameter(x, y.value, "its constant")
    if node.op == "Mul":
        return extend(x, node, lambda v, lift: v * lift(factor), factor)
    if (factor == 0).any():
        raise Reject("it divides by zero", "use another divisor")
    return extend(x, node, lambda v, lift: v / lift(factor), factor)
