"""The largest channels of every position."""

from __future__ import annotations

from math import prod

from codesign.graph.operators.top_k import TopK
from hw.kernels.top_k.kernel import TopK as TopKKernel
from hw.lowering.builder import Builder, lowers


@lowers(TopK)
def lower_top_k(builder: Builder, op: TopK) -> None:
    """Channels come one a word, and the largest go out one a word."""
    tensor = builder.graph.tensors[op.inputs[0]]
    source = builder.sources[op.inputs[0]]
    stream = builder.port(source).stream
    kernel = TopKKernel(
        channels=tensor.channels,
        positions=prod(tensor.shape[:-1]),
        bits=stream.bits,
        signed=stream.signed,
        k=op.k,
        indices=op.indices,
    )
    builder.make(op, kernel, source)
