"""Multi-threshold activation: a pipelined binary search."""

from __future__ import annotations

from math import prod

from codesign.graph import Threshold
from hw.kernels.thresholds.kernel import Thresholds
from hw.lowering.builder import Builder, lowers


@lowers(Threshold)
def lower_threshold(builder: Builder, op: Threshold) -> None:
    """Channel by channel, a word of lanes at a time."""
    tensor = builder.graph.tensors[op.inputs[0]]
    source = builder.sources[op.inputs[0]]
    stream = builder.port(source).stream
    kernel = Thresholds(
        thresholds=op.thresholds,
        descending=op.descending,
        low=op.low,
        positions=prod(tensor.shape[:-1]),
        in_bits=stream.bits,
        in_signed=stream.signed,
        pe=1,
    )
    builder.make(op, kernel, source)
