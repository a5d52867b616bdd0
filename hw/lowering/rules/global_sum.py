"""Sum over all positions."""

from __future__ import annotations

from codesign.graph import GlobalSum
from hw.kernels.global_sum.kernel import GlobalSum as GlobalSumKernel
from hw.lowering.builder import Builder, lowers


@lowers(GlobalSum)
def lower_global_sum(builder: Builder, op: GlobalSum) -> None:
    """One accumulator a channel."""
    source = builder.sources[op.inputs[0]]
    stream = builder.port(source).stream
    out = builder.graph.tensors[op.output]
    kernel = GlobalSumKernel(
        channels=out.channels,
        positions=op.positions,
        bits=stream.bits,
        signed=stream.signed,
        out_bits=out.bits,
        pe=1,
    )
    builder.make(op, kernel, source)
