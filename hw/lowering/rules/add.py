"""Weighted sum of two streams."""

from __future__ import annotations

from math import prod

from codesign.graph import Add
from hw.kernels.stream_add.kernel import StreamAdd
from hw.lowering.builder import Builder, lowers


@lowers(Add)
def lower_add(builder: Builder, op: Add) -> None:
    """Both streams carry one shape, in one order."""
    x, y = (builder.sources[name] for name in op.inputs)
    xs, ys = builder.port(x).stream, builder.port(y).stream
    out = builder.graph.tensors[op.output]
    kernel = StreamAdd(
        channels=out.channels,
        positions=prod(out.shape[:-1]),
        x_bits=xs.bits,
        x_signed=xs.signed,
        y_bits=ys.bits,
        y_signed=ys.signed,
        coefficients=op.coefficients,
        bits=out.bits,
        signed=out.signed,
        pe=1,
    )
    builder.make(op, kernel, x, y)
