"""Channels in another order: a reordering within a position."""

from __future__ import annotations

from math import prod

import numpy as np

from codesign.graph import MatMul
from codesign.graph.operators.channel_shuffle import ChannelShuffle
from hw.lowering.builder import RULES, Builder, lowers
from hw.lowering.movement import give, nested, reorder


@lowers(ChannelShuffle)
def lower_channel_shuffle(builder: Builder, op: ChannelShuffle) -> None:
    """An order that nested counters cannot give is a matrix of zeros and ones."""
    loops = nested(op.order)
    if loops is None:
        weights = np.eye(len(op.order), dtype=np.int64)[op.order]
        RULES[MatMul](builder, MatMul(inputs=op.inputs, output=op.output, weights=weights))
        return
    shape = builder.graph.tensors[op.inputs[0]].shape
    give(builder, op, reorder(builder, builder.sources[op.inputs[0]], prod(shape), loops))
