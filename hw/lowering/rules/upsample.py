"""Nearest-neighbour upsampling: positions and rows sent several times."""

from __future__ import annotations

from codesign.graph.operators.upsample import Upsample
from hw.lowering.builder import Builder, lowers
from hw.lowering.movement import give, repeat


@lowers(Upsample)
def lower_upsample(builder: Builder, op: Upsample) -> None:
    """Every axis repeats its indices."""
    shape = builder.graph.tensors[op.inputs[0]].shape
    give(builder, op, repeat(builder, builder.sources[op.inputs[0]], shape, (*op.factors, 1)))
