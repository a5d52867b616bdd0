"""Repetition along axes of length 1."""

from __future__ import annotations

from codesign.graph.operators.expand import Expand
from hw.lowering.builder import Builder, lowers
from hw.lowering.movement import give, repeat


@lowers(Expand)
def lower_expand(builder: Builder, op: Expand) -> None:
    """An axis that grows repeats its only index."""
    shape = builder.graph.tensors[op.inputs[0]].shape
    times = tuple(to // size for to, size in zip(op.to, shape, strict=True))
    give(builder, op, repeat(builder, builder.sources[op.inputs[0]], shape, times))
