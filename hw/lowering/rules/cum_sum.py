"""Running sums along an axis."""

from __future__ import annotations

from math import prod

from codesign.graph.operators.cum_sum import CumSum
from hw.kernels.running_sum.kernel import RunningSum
from hw.lowering.builder import Builder, lowers
from hw.lowering.pooling import stream_bits


@lowers(CumSum)
def lower_cum_sum(builder: Builder, op: CumSum) -> None:
    """The axes around the one of the sums are lines, those inside it a step's positions."""
    source = builder.sources[op.inputs[0]]
    stream = builder.port(source).stream
    out = builder.graph.tensors[op.output]
    kernel = RunningSum(
        channels=out.channels,
        lines=prod(out.shape[: op.axis]),
        steps=op.size,
        bits=stream.bits,
        signed=stream.signed,
        out_bits=stream_bits(int(out.low.min()), int(out.high.max()), stream.signed),
        exclusive=op.exclusive,
        positions=prod(out.shape[op.axis + 1 : -1]),
    )
    builder.make(op, kernel, source)
