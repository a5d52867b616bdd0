"""Fully connected layer: a matrix-vector unit."""

from __future__ import annotations

from math import prod

from codesign.graph import MatMul
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from hw.lowering.builder import Builder, lowers


@lowers(MatMul)
def lower_matmul(builder: Builder, op: MatMul) -> None:
    """Every position of the input is a vector."""
    tensor = builder.graph.tensors[op.inputs[0]]
    source = builder.sources[op.inputs[0]]
    stream = builder.port(source).stream
    unit = MatrixVectorUnit(
        weights=op.weights,
        vectors=prod(tensor.shape[:-1]),
        bits=stream.bits,
        signed=stream.signed,
        low=int(tensor.low.min()),
        high=int(tensor.high.max()),
        pe=1,
        simd=1,
        family=builder.family,
    )
    builder.make(op, unit, source)
