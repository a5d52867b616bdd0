"""Concatenation: streams in turn, two at a time."""

from __future__ import annotations

from math import prod

from codesign.graph.operators.concat import Concat
from hw.kernels.stream_concat.kernel import StreamConcat
from hw.lowering.builder import Builder, lowers
from hw.lowering.movement import give


@lowers(Concat)
def lower_concat(builder: Builder, op: Concat) -> None:
    """Each further tensor is appended to those before; all that lies inside the axis is a turn."""
    shapes = [builder.graph.tensors[name].shape for name in op.inputs]
    turns = [prod(shape[op.axis :]) for shape in shapes]
    joined, a = builder.sources[op.inputs[0]], turns[0]
    for name, b in zip(op.inputs[1:], turns[1:], strict=True):
        x, y = builder.port(joined).stream, builder.port(builder.sources[name]).stream
        signed = x.signed or y.signed
        kernel = StreamConcat(
            a=a,
            b=b,
            rounds=prod(shapes[0][: op.axis]),
            x_bits=x.bits,
            x_signed=x.signed,
            y_bits=y.bits,
            y_signed=y.signed,
            bits=max(s.bits + (signed and not s.signed) for s in (x, y)),
            signed=signed,
        )
        joined, a = builder.add(kernel, joined, builder.sources[name]), a + b
    give(builder, op, joined)
