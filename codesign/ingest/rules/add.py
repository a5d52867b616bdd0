"""Add and Sub: of a constant in a segment, or of two integer tensors."""

from __future__ import annotations

from operator import add as plus
from operator import sub
from typing import TYPE_CHECKING

from codesign.ingest.model import Node
from codesign.ingest.one_source import Direction, combine
from codesign.ingest.operands import extend, integers_of, parameter
from codesign.ingest.refusal import Reject
from codesign.ingest.rules import rule
from codesign.ingest.state import Constant, State
from codesign.ingest.two_tensors import sum_of

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Add", "Sub")
def add(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """x + y, x - y; tensors are added as integers where one step of each is a small multiple of a common step."""
    x, y = inputs
    minus = node.op == "Sub"
    if isinstance(y, Constant):
        right = parameter(x, y.value, "its constant")
        if minus:
            return extend(x, node, lambda v, lift: v - lift(right), 1)
        return extend(x, node, lambda v, lift: v + lift(right), 1)
    if isinstance(x, Constant):
        left = parameter(y, x.value, "its constant")
        if minus:
            return extend(y, node, lambda v, lift: lift(left) - v, -1)
        return extend(y, node, lambda v, lift: lift(left) + v, 1)
    how: Direction = "second falls" if minus else "each"
    joined = combine(node, x, y, sub if minus else plus, how, affine=True)
    return joined or sum_of(node, x, y, minus, compiler) or _unequal(x, y)


def _unequal(x: State | None, y: State | None) -> State:
    """Operands whose steps no small integer ratio joins."""
    left, right = (integers_of(operand).scale[0] for operand in (x, y))
    raise Reject(
        f"its operands have different scales ({float(left):.9g} and {float(right):.9g}), which no small integer ratio "
        "joins",
        "give both branches the same quantizer",
    )
