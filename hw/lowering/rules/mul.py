"""Product of two streams."""

from __future__ import annotations

from math import prod

from codesign.graph.operators.mul import Mul
from hw.kernels.stream_multiply.kernel import StreamMultiply
from hw.lowering.builder import Builder, lowers


@lowers(Mul)
def lower_mul(builder: Builder, op: Mul) -> None:
    """Both streams carry one shape, in one order."""
    x, y = (builder.sources[name] for name in op.inputs)
    xs, ys = builder.port(x).stream, builder.port(y).stream
    out = builder.graph.tensors[op.output]
    kernel = StreamMultiply(
        channels=out.channels,
        positions=prod(out.shape[:-1]),
        x_bits=xs.bits,
        x_signed=xs.signed,
        y_bits=ys.bits,
        y_signed=ys.signed,
        bits=out.bits,
        signed=out.signed,
        pe=1,
    )
    builder.make(op, kernel, x, y)
