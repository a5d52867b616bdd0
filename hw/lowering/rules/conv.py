"""Convolution: windows, and the unit that multiplies them."""

from __future__ import annotations

from math import prod

import numpy as np

from codesign.errors import Reject
from codesign.graph import Conv
from codesign.graph.windows import Windows
from hw.design.design import End
from hw.kernels.depthwise_unit.kernel import DepthwiseUnit
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from hw.kernels.reorder.kernel import Reorder
from hw.lowering.builder import Builder, lowers
from hw.lowering.windows import AXES, slide


@lowers(Conv)
def lower_conv(builder: Builder, op: Conv) -> None:
    """Windows come taps outer, channels inner: the order of the weights' axes."""
    tensor = builder.graph.tensors[op.inputs[0]]
    source = builder.sources[op.inputs[0]]
    source = _windows(builder, op, source, tensor.shape)
    low, high = tensor.low, tensor.high
    if op.padded:
        low, high = np.minimum(low, 0), np.maximum(high, 0)
    positions = prod(op.shape(tensor.shape)[:-1])
    if op.groups == 1:
        make = _dense
    elif op.weights.shape[-1] == 1:
        make = _depthwise
    else:
        make = _grouped
    make(builder, op, source, positions, low, high)


def _windows(builder: Builder, op: Conv, source: End, shape: tuple[int, ...]) -> End:
    """The stream of the windows; an axis of one position and one tap is none."""
    axes = [
        axis
        for axis in zip(shape[:-1], op.kernel, op.stride, op.pads, op.dilation, strict=True)
        if axis[:2] != (1, 1) or any(axis[3])
    ]
    if all((kernel, stride) == (1, 1) and not any(pads) for _, kernel, stride, pads, _ in axes):
        return source
    if len(axes) > AXES:
        raise Reject(
            f"its windows {op.kernel} slide along {len(axes)} spatial axes, and no kernel has more than {AXES}",
            "use convolutions in one or two dimensions",
        )
    sizes, *windows = zip(*axes, strict=True)
    return slide(builder, source, sizes, shape[-1], Windows(*windows))


def _dense(builder: Builder, op: Conv, source: End, positions: int, low: np.ndarray, high: np.ndarray) -> None:
    stream = builder.port(source).stream
    unit = MatrixVectorUnit(
        weights=op.weights.reshape(op.weights.shape[0], -1),
        vectors=positions,
        bits=stream.bits,
        signed=stream.signed,
        low=int(low.min()),
        high=int(high.max()),
        pe=1,
        simd=1,
        family=builder.family,
    )
    builder.make(op, unit, source)


def _grouped(builder: Builder, op: Conv, source: End, positions: int, low: np.ndarray, high: np.ndarray) -> None:
    """Every position has a vector for each group, so that a window's words are sent group by group."""
    stream = builder.port(source).stream
    taps, groups, each = prod(op.kernel), op.groups, op.weights.shape[-1]
    order = Reorder(
        block=taps * groups * each,
        sizes=(groups, taps, each),
        strides=(each, groups * each, 1),
        blocks=positions,
        bits=stream.bits,
        signed=stream.signed,
    )
    if order.moves:
        source = builder.add(order, source)
    unit = MatrixVectorUnit(
        weights=op.weights.reshape(groups, -1, taps * each),
        vectors=positions * groups,
        bits=stream.bits,
        signed=stream.signed,
        low=np.tile(low.reshape(groups, each), taps),
        high=np.tile(high.reshape(groups, each), taps),
        pe=1,
        simd=1,
        family=builder.family,
    )
    builder.make(op, unit, source)


def _depthwise(builder: Builder, op: Conv, source: End, positions: int, low: np.ndarray, high: np.ndarray) -> None:
    stream = builder.port(source).stream
    unit = DepthwiseUnit(
        weights=op.weights.reshape(op.groups, -1, prod(op.kernel)),
        positions=positions,
        bits=stream.bits,
        signed=stream.signed,
        low=low,
        high=high,
        pe=1,
        family=builder.family,
    )
    builder.make(op, unit, source)
