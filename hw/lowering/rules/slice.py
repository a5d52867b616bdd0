"""A part of a frame."""

from __future__ import annotations

from codesign.graph.operators.slice import Slice
from hw.lowering.builder import Builder, lowers
from hw.lowering.movement import cut, give


@lowers(Slice)
def lower_slice(builder: Builder, op: Slice) -> None:
    """The words outside are dropped as they come."""
    shape = builder.graph.tensors[op.inputs[0]].shape
    give(builder, op, cut(builder, builder.sources[op.inputs[0]], shape, op.starts, op.stops, op.steps))
