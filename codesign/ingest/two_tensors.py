"""Sums and products of two tensors that depend on the input, as integers."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.graph import Add
from codesign.graph.operators.mul import Mul
from codesign.ingest.file.model import Node
from codesign.ingest.movement.rearrange import back_in_place, channels_at_front, natural_axis
from codesign.ingest.operands import integers_of, moved
from codesign.ingest.scales import common_step, multiplied
from codesign.ingest.state import IntegerTensor, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


def side_by_side(x: State | None, y: State | None) -> tuple[IntegerTensor, IntegerTensor, int]:
    """Both as integers of one shape, repeated where ONNX broadcasts, the graph's channels in front.

    Returns:
        the two, and the model's axis that is in front.

    Raises:
        Reject: their shapes do not fit, or they are no integers.
    """
    left, right = integers_of(x), integers_of(y)
    try:
        shape = np.broadcast_shapes(left.shape, right.shape)
    except ValueError:
        shape = ()
    if len(left.shape) != len(right.shape) or not shape:
        raise Reject(
            f"its operands have the shapes {(1, *left.shape)} and {(1, *right.shape)}",
            "give them shapes that broadcast, of as many axes",
        )
    front = natural_axis(left if prod(left.shape) == prod(shape) else right)
    spread = [
        channels_at_front(a if a.shape == shape else integers_of(_repeated(a, shape)), front) for a in (left, right)
    ]
    return spread[0], spread[1], front


def _repeated(x: IntegerTensor, shape: tuple[int, ...]) -> State:
    return moved(x, lambda index: np.broadcast_to(index, shape))


def sum_of(node: Node, x: State | None, y: State | None, minus: bool, compiler: Compiler) -> State | None:
    """x + y or x - y, where one step of each is a small multiple of a common step; None where it is not.

    Raises:
        Reject: as ``side_by_side``.
    """
    *spread, front = side_by_side(x, y)
    found = [common_step(pair) for pair in zip(spread[0].scale, spread[1].scale, strict=True)]
    pairs = [f[1] for f in found if f is not None]
    if len(pairs) < len(found):
        return None
    left, right = (compiler.dense(a) for a in spread)
    offsets = _offsets(left), _offsets(right)
    a, b = pairs[0]
    if any(p != pairs[0] for p in pairs):  # another ratio in each channel
        a = b = 1
        left, right = (multiplied(compiler, t, [p[i] for p in pairs]) for i, t in enumerate((left, right)))
    operator = Add(
        inputs=(left.tensor.name, right.tensor.name),
        output=node.outputs[0],
        source=(node.name,),
        coefficients=(a, -b if minus else b),
    )
    scale = tuple(s / a for s in left.scale)
    made = compiler.emit(operator, [left, right], left.shape, scale)
    shift = tuple((p - q if minus else p + q) / s for p, q, s in zip(*offsets, scale, strict=True))
    return back_in_place(replace(made, shift=shift if any(shift) else ()), front)


def _offsets(x: IntegerTensor) -> list[Fraction]:
    """The real value of integer 0 in each channel."""
    return [s * t for s, t in zip(x.scale, x.shifts, strict=True)]


def product_of(node: Node, x: State | None, y: State | None, compiler: Compiler) -> State:
    """x * y: a product of integers has the product of the scales.

    Raises:
        Reject: as ``side_by_side``, or a value has an offset that is no small fraction of its step.
    """
    *spread, front = side_by_side(x, y)
    left, right = (compiler.dense(compiler.centred(a)) for a in spread)
    operator = Mul(inputs=(left.tensor.name, right.tensor.name), output=node.outputs[0], source=(node.name,))
    scale = tuple(s * t for s, t in zip(left.scale, right.scale, strict=True))
    return back_in_place(compiler.emit(operator, [left, right], left.shape, scale), front)
