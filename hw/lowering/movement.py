"""Integers in another order: what transposes, shuffles and depth to space share."""

from __future__ import annotations

from math import prod

import numpy as np

from codesign.errors import Reject
from codesign.graph import Operator
from hw.design.design import End
from hw.kernels.reorder.counters import LEVELS, Loops, merged
from hw.kernels.reorder.kernel import Reorder
from hw.kernels.repeat.kernel import Repeat
from hw.kernels.slice.kernel import Slice
from hw.lowering.builder import Builder


def give(builder: Builder, op: Operator, made: End) -> None:
    """Let ``made`` be the operator's output; it is the operator's input where nothing had to be done."""
    if made != builder.sources[op.inputs[0]]:
        builder.design.tensors[made.instance] = op.output
    builder.sources[op.output] = made


def transposed(shape: tuple[int, ...], axes: tuple[int, ...]) -> Loops:
    """Return the counters that send a block of ``shape`` with its axes in another order."""
    strides = [prod(shape[axis + 1 :]) for axis in range(len(shape))]
    return merged([shape[axis] for axis in axes], [strides[axis] for axis in axes])


def nested(order: np.ndarray) -> Loops | None:
    """Return the counters that give the places ``order``, int64 [n], or None where no nested counters do."""
    if len(order) == 1:
        return ((1, 1),) if order[0] == 0 else None
    step = order[1] - order[0]
    for size in (s for s in range(len(order), 1, -1) if len(order) % s == 0):
        runs = order.reshape(-1, size)
        if step > 0 and (runs == runs[:, :1] + np.arange(size) * step).all():
            outer = nested(runs[:, 0])
            return outer and merged(*zip(*outer, (size, int(step)), strict=True))
    return None


def reorder(builder: Builder, source: End, integers: int, loops: Loops) -> End:
    """Return the stream of ``integers`` a frame, with those of every block sent in the order of ``loops``.

    The outermost counters that only go on from block to block make the blocks smaller; where nothing moves, there is no
    kernel.
    """
    while len(loops) > 1 and loops[0][1] == prod(size for size, _ in loops[1:]):
        loops = loops[1:]
    if len(loops) == 1:
        return source
    if len(loops) > LEVELS:
        raise Reject(f"its order takes {len(loops)} nested counters, more than {LEVELS}", "move fewer axes at once")
    stream = builder.port(source).stream
    block = prod(size for size, _ in loops)
    sizes, strides = zip(*loops, strict=True)
    return builder.add(Reorder(block, sizes, strides, integers // block, stream.bits, stream.signed), source)


def repeat(builder: Builder, source: End, shape: tuple[int, ...], times: tuple[int, ...]) -> End:
    """Return the stream of a frame of ``shape``, each index of axis i sent ``times[i]`` times over.

    Axes outside the first that repeats are blocks.
    """
    if max(times) == 1:
        return source
    first = next(axis for axis, n in enumerate(times) if n > 1)
    if shape[first] > 1:  # each index of this axis is a block of its own
        blocks, sizes = prod(shape[: first + 1]), (1, *shape[first + 1 :])
    else:
        blocks, sizes = prod(shape[:first]), shape[first:]
    stream = builder.port(source).stream
    return builder.add(Repeat(sizes, times[first:], blocks, stream.bits, stream.signed), source)


def cut(
    builder: Builder,
    source: End,
    shape: tuple[int, ...],
    starts: tuple[int, ...],
    stops: tuple[int, ...],
    steps: tuple[int, ...],
) -> End:
    """Return the stream of a frame of ``shape`` without the integers outside the bounds; they are those of Slice."""
    stream = builder.port(source).stream
    kernel = Slice(shape, starts, stops, steps, stream.bits, stream.signed)
    return source if kernel.outputs[0].words == kernel.inputs[0].words else builder.add(kernel, source)
