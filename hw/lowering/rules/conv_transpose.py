"""Transposed convolution: one output position for each stride's worth, by a convolution; then depth to space, a crop.

Output ``q * stride + r`` is a sum over the inputs around q with every stride-th tap, from tap r on. So one convolution
of stride 1 with ``ceil(kernel / stride)`` taps makes all phases r of a position q as its channels, and no product with
a stuffed zero is computed.
"""

from __future__ import annotations

import dataclasses
from itertools import product
from math import prod

import numpy as np

from codesign.graph import Conv, Tensor
from codesign.graph.operators.conv_transpose import ConvTranspose
from hw.design.design import End
from hw.lowering.builder import RULES, Builder, lowers
from hw.lowering.movement import cut, give, reorder, transposed


@dataclasses.dataclass(frozen=True)
class Axis:
    """One axis of the sub-pixel convolution.

    Attributes:
        taps: of the convolution.
        pads: of the convolution.
        first: position q of its first output.
        count: its outputs.
    """

    taps: int
    pads: tuple[int, int]
    first: int
    count: int


def axis(size: int, kernel: int, stride: int, pads: tuple[int, int], uncut: int) -> Axis:
    """Return the convolution along one axis that covers the outputs left by ``pads``.

    Args:
        size: positions of the input.
        kernel: taps, dilation counted in.
        stride: of the transposed convolution.
        pads: positions cut off before and after.
        uncut: outputs before they are cut off.
    """
    last = max((uncut - pads[1] - 1) // stride, size - 1)
    taps = max(-(-kernel // stride), last - size + 2)  # outputs appended beyond the last input see zero taps
    first = min(pads[0] // stride, taps - 1)
    return Axis(taps, (taps - 1 - first, last - size + 1), first, last - first + 1)


@lowers(ConvTranspose)
def lower_conv_transpose(builder: Builder, op: ConvTranspose) -> None:
    """Phases come outer of a group's outputs, groups outermost, as the convolution makes them."""
    shape = builder.graph.tensors[op.inputs[0]].shape
    span = tuple(d * (k - 1) + 1 for d, k in zip(op.dilation, op.kernel, strict=True))
    axes = [axis(*a) for a in zip(shape[:-1], span, op.stride, op.pads, op.uncut(shape[:-1]), strict=True)]
    phases = _convolve(builder, op, axes)
    outputs, counts = op.weights.shape[0], [a.count for a in axes]
    rank = len(axes)
    # (*positions, group, *phases, output of the group) to (position, phase) of each axis, group, output.
    parts = (*counts, op.groups, *op.stride, outputs // op.groups)
    order = [i for a in range(rank) for i in (a, rank + 1 + a)] + [rank, 2 * rank + 1]
    spread = reorder(builder, phases, prod(parts), transposed(parts, tuple(order)))
    full = tuple(n * s for n, s in zip(counts, op.stride, strict=True))
    starts = [before - a.first * s for (before, _), a, s in zip(op.pads, axes, op.stride, strict=True)]
    stops = [start + n for start, n in zip(starts, op.shape(shape)[:-1], strict=True)]
    bounds = (*starts, 0), (*stops, outputs), (1,) * (rank + 1)
    give(builder, op, cut(builder, spread, (*full, outputs), *bounds))


def _convolve(builder: Builder, op: ConvTranspose, axes: list[Axis]) -> End:
    """Lower the sub-pixel convolution by the rule of Conv and return its stream."""
    conv = Conv(
        inputs=op.inputs,
        output=f"{op.output}.phases",
        weights=sub_pixel_weights(op, tuple(a.taps for a in axes)),
        stride=(1,) * len(axes),
        pads=tuple(a.pads for a in axes),
        dilation=(1,) * len(axes),
        groups=op.groups,
    )
    tensor = builder.graph.tensors[op.inputs[0]]
    low, high = conv.range((tensor.low, tensor.high))
    made = Tensor(conv.output, conv.shape(tensor.shape), low, high, np.ones(1))
    graph, inner = builder.graph, dataclasses.replace(builder.graph, tensors={**builder.graph.tensors, made.name: made})
    builder.graph = inner
    try:
        RULES[Conv](builder, conv)
    finally:
        builder.graph = graph
    end = builder.sources.pop(conv.output)
    builder.design.tensors.pop(end.instance)  # the graph has no such tensor
    return end


def sub_pixel_weights(op: ConvTranspose, taps: tuple[int, ...]) -> np.ndarray:
    """Return the convolution's weights, int64 [groups * phases * O / groups, *taps, I / groups].

    Taps that the transposed convolution does not have are zero.
    """
    rank, groups = len(taps), op.groups
    outputs, inputs = op.weights.shape[0] // groups, op.weights.shape[-1]
    by_tap = np.moveaxis(op.weights.reshape(groups, outputs, *op.kernel, inputs), range(2, 2 + rank), range(rank))
    made = np.zeros((*op.stride, *taps, groups, outputs, inputs), np.int64)
    for tap in product(*(range(k) for k in op.kernel)):
        places = [t * d for t, d in zip(tap, op.dilation, strict=True)]
        phase = tuple(p % s for p, s in zip(places, op.stride, strict=True))
        mirrored = tuple(n - 1 - p // s for p, n, s in zip(places, taps, op.stride, strict=True))
        made[(*phase, *mirrored)] = by_tap[tap]
    order = (2 * rank, *range(rank), 2 * rank + 1, *range(rank, 2 * rank), 2 * rank + 2)
    return np.ascontiguousarray(made.transpose(order)).reshape(groups * prod(op.stride) * outputs, *taps, inputs)
