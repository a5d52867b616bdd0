"""Sum over all positions."""

from __future__ import annotations

from codesign.graph import GlobalSum
from hw.kernels.pool.kernel import Pool
from hw.lowering.builder import Builder, lowers
from hw.lowering.pooling import stream_bits


@lowers(GlobalSum)
def lower_global_sum(builder: Builder, op: GlobalSum) -> None:
    """The frame is one window, a position a tap."""
    source = builder.sources[op.inputs[0]]
    stream = builder.port(source).stream
    out = builder.graph.tensors[op.output]
    kernel = Pool(
        kind="sum",
        channels=out.channels,
        windows=1,
        taps=op.positions,
        bits=stream.bits,
        signed=stream.signed,
        out_bits=stream_bits(int(out.low.min()), int(out.high.max()), stream.signed),
        pe=1,
    )
    builder.make(op, kernel, source)
