"""Convolution: a sliding window (which masks padded taps) and a matrix-vector unit."""

from __future__ import annotations

from math import prod

from codesign.errors import Refused
from codesign.graph import Conv
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from hw.kernels.sliding_window.kernel import SlidingWindow
from hw.lowering.builder import Builder, lowers


@lowers(Conv)
def lower_conv(builder: Builder, op: Conv) -> None:
    """Windows come taps outer, channels inner: the order of the weights' axes."""
    if op.groups != 1:
        raise Refused(f"{op.output}: a convolution in {op.groups} groups has no kernel yet; use groups = 1.")
    tensor = builder.graph.tensors[op.inputs[0]]
    source = builder.sources[op.inputs[0]]
    stream = builder.port(source).stream
    if prod(op.kernel) > 1 or prod(op.stride) > 1 or op.padded:
        window = SlidingWindow(
            shape=tensor.shape[:-1],
            channels=tensor.channels,
            bits=stream.bits,
            signed=stream.signed,
            kernel=op.kernel,
            stride=op.stride,
            pads=op.pads,
            dilation=op.dilation,
            simd=1,
        )
        source = builder.add(window, source)
    vectors = prod(op.shape(tensor.shape)[:-1])
    builder.make(op, _unit(builder, op, vectors), source)


def _unit(builder: Builder, op: Conv, vectors: int) -> MatrixVectorUnit:
    tensor = builder.graph.tensors[op.inputs[0]]
    stream = builder.port(builder.sources[op.inputs[0]]).stream
    weights = op.weights.reshape(op.weights.shape[0], -1)
    low, high = int(tensor.low.min()), int(tensor.high.max())
    if op.padded:
        low, high = min(low, 0), max(high, 0)
    return MatrixVectorUnit(
        weights=weights,
        vectors=vectors,
        bits=stream.bits,
        signed=stream.signed,
        low=low,
        high=high,
        pe=1,
        simd=1,
        family=builder.family,
    )
