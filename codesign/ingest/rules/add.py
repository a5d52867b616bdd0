"""Add and Sub: of a constant in a segment, or of two integer tensors."""

from __future__ import annotations

from operator import add as plus
from operator import sub
from typing import TYPE_CHECKING

from codesign.ingest.file.model import Node
from codesign.ingest.functions.joint import pair
from codesign.ingest.functions.one_source import Direction, combine
from codesign.ingest.movement.rearrange import back_in_place
from codesign.ingest.operands import extend, parameter
from codesign.ingest.rules import rule
from codesign.ingest.state import Constant, State
from codesign.ingest.two_tensors import side_by_side, sum_of

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
    return joined or sum_of(node, x, y, minus, compiler) or _unequal(x, y, minus, compiler)


def _unequal(x: State | None, y: State | None, minus: bool, compiler: Compiler) -> State:
    """Operands whose steps no small integer ratio joins: the quantizer that follows decides."""
    left, right, front = side_by_side(x, y)
    return back_in_place(pair(compiler.dense(left), compiler.dense(right), minus), front)
