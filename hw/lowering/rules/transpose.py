"""Axes in another order: a reordering, where anything moves in memory."""

from __future__ import annotations

from math import prod

from codesign.graph.operators.transpose import Transpose
from hw.lowering.builder import Builder, lowers
from hw.lowering.movement import give, reorder, transposed


@lowers(Transpose)
def lower_transpose(builder: Builder, op: Transpose) -> None:
    """Axes that stay outermost are blocks; axes of length 1 move nothing."""
    shape = builder.graph.tensors[op.inputs[0]].shape
    loops = transposed(shape, op.axes)
    give(builder, op, reorder(builder, builder.sources[op.inputs[0]], prod(shape), loops))
