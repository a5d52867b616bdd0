"""Affine requantization: multiply, add, shift, clamp."""

from __future__ import annotations

from math import prod

from codesign.graph import Requantize
from hw.kernels.requantizer.kernel import Requantizer
from hw.lowering.builder import Builder, lowers


@lowers(Requantize)
def lower_requantize(builder: Builder, op: Requantize) -> None:
    """Channel by channel, a word of lanes at a time; clamped to what is reached, which may take fewer bits."""
    tensor, out = builder.graph.tensors[op.inputs[0]], builder.graph.tensors[op.output]
    source = builder.sources[op.inputs[0]]
    stream = builder.port(source).stream
    kernel = Requantizer(
        multiplier=op.multiplier,
        offset=op.offset,
        shift=op.shift,
        low=max(op.low, int(out.low.min())),
        high=min(op.high, int(out.high.max())),
        positions=prod(tensor.shape[:-1]),
        in_bits=stream.bits,
        in_signed=stream.signed,
        in_low=int(tensor.low.min()),
        in_high=int(tensor.high.max()),
        pe=1,
    )
    builder.make(op, kernel, source)
