"""Add and Sub: of a constant in a segment, or of two integer tensors."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from operator import add as plus
from operator import sub
from typing import TYPE_CHECKING

from codesign.graph import Add
from codesign.ingest.model import Node
from codesign.ingest.one_source import Direction, combine
from codesign.ingest.operands import extend, integers_of, parameter
from codesign.ingest.refusal import Reject
from codesign.ingest.rules import rule
from codesign.ingest.state import Constant, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler

LARGEST_COEFFICIENT = 255


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
    return combine(node, x, y, sub if minus else plus, how, affine=True) or _two_tensors(node, x, y, compiler)


def _two_tensors(node: Node, x: State | None, y: State | None, compiler: Compiler) -> State:
    left, right = (compiler.dense(integers_of(operand)) for operand in (x, y))
    if left.shape != right.shape:
        raise Reject(f"it adds {left.shape} to {right.shape}", "add tensors of one shape")
    ratios = {a / b for a, b in zip(left.scale, right.scale, strict=True)}
    ratio = min(ratios)
    if len(ratios) > 1 or max(abs(ratio.numerator), ratio.denominator) > LARGEST_COEFFICIENT:
        shown = f"{float(left.scale[0]):.9g} and {float(right.scale[0]):.9g}"
        raise Reject(
            f"its operands have different scales ({shown}), which no small integer ratio joins",
            "give both branches the same quantizer",
        )
    a, b = ratio.numerator, ratio.denominator
    operator = Add(
        inputs=(left.tensor.name, right.tensor.name),
        output=node.outputs[0],
        source=(node.name,),
        coefficients=(a, -b if node.op == "Sub" else b),
    )
    scale = _common(left.scale, a)
    made = compiler.emit(operator, [left, right], left.shape, scale)
    if not any((*left.shift, *right.shift)):
        return made
    real = [(s * a, t * b) for s, a, t, b in zip(left.scale, left.shifts, right.scale, right.shifts, strict=True)]
    sign = -1 if node.op == "Sub" else 1
    return replace(made, shift=tuple((p + sign * q) / s for (p, q), s in zip(real, scale, strict=True)))


def _common(scale: tuple[Fraction, ...], coefficient: int) -> tuple[Fraction, ...]:
    return tuple(s / coefficient for s in scale)
