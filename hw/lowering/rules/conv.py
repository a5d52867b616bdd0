"""Convolution: windows, and the unit that multiplies them."""

from __future__ import annotations

from math import prod

import numpy as np

from codesign.errors import Reject
from codesign.graph import Conv, Operator
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
    if op.groups > 1 and op.weights.shape[-1] == 1:
        low, high = _reached(builder, op)
        _depthwise(builder, op, _windows(builder, op), _positions(builder, op), low, high)
    else:
        lower_sets(builder, op, op, matrices(op))


def lower_sets(builder: Builder, op: Operator, form: Conv, weights: np.ndarray, streamed: bool = False) -> None:
    """Lower a convolution by a matrix-vector unit.

    Args:
        builder: of the design.
        op: the operator that it is.
        form: its geometry on the whole frame; of its weights only the shape counts.
        weights: ``matrices``, or those of several sets, int64 [S, G, MH, MW], for a block of vectors each.
        streamed: the sets come in every frame.
    """
    source, positions = _windows(builder, form), _positions(builder, form)
    low, high = _reached(builder, form)
    taps, groups, each = prod(form.kernel), form.groups, form.weights.shape[-1]
    stream = builder.port(source).stream
    if groups > 1:  # every position has a vector for each group, so that a window's words are sent group by group
        order = Reorder(
            block=taps * groups * each,
            sizes=(groups, taps, each),
            strides=(each, groups * each, 1),
            blocks=positions,
            bits=stream.bits,
            signed=stream.signed,
        )
        source = builder.add(order, source) if order.moves else source
    unit = MatrixVectorUnit(
        weights=weights,
        vectors=positions * groups,
        bits=stream.bits,
        signed=stream.signed,
        low=int(low.min()) if groups == 1 else np.tile(low.reshape(groups, each), taps),
        high=int(high.max()) if groups == 1 else np.tile(high.reshape(groups, each), taps),
        pe=1,
        simd=1,
        family=builder.family,
        streamed=streamed,
    )
    builder.make(op, unit, source)


def matrices(op: Conv) -> np.ndarray:
    """Return the weights as matrices for windows' vectors: int64 [MH, MW], with groups [G, MH, MW]."""
    if op.groups == 1:
        return op.weights.reshape(op.weights.shape[0], -1)
    return op.weights.reshape(op.groups, op.weights.shape[0] // op.groups, -1)


def _reached(builder: Builder, op: Conv) -> tuple[np.ndarray, np.ndarray]:
    """What the unit's inputs lie between, channel by channel."""
    tensor = builder.graph.tensors[op.inputs[0]]
    if op.padded:
        return np.minimum(tensor.low, 0), np.maximum(tensor.high, 0)
    return tensor.low, tensor.high


def _positions(builder: Builder, op: Conv) -> int:
    return prod(op.shape(builder.graph.tensors[op.inputs[0]].shape)[:-1])


def _windows(builder: Builder, op: Conv) -> End:
    """The stream of the windows; an axis of one position and one tap is none."""
    source, shape = builder.sources[op.inputs[0]], builder.graph.tensors[op.inputs[0]].shape
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
