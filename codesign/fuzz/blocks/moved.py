"""Data movement, and computation on tensors whose axes changed places."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from codesign.fuzz.blocks.registry import block
from codesign.fuzz.sketch import Sketch

MOVES: list[Callable[[Sketch, int], int]] = []


def move(made: Callable[[Sketch, int], int]) -> Callable[[Sketch, int], int]:
    """Register what only moves."""
    MOVES.append(made)
    return made


@move
@block()
def upsampled(s: Sketch, x: int) -> int:
    return s.add("upsample", x, factors=[s.pick(1, 2) for _ in s.live(x).shape[1:]])


@move
@block()
def cut(s: Sketch, x: int) -> int:
    shape = s.live(x).shape
    axis = s.pick(0, len(shape) - 1)
    start = s.pick(0, shape[axis] - 1)
    return s.add("slice", x, axis=axis, start=start, stop=s.pick(start + 1, shape[axis]), step=s.pick(1, 2))


@move
@block()
def gathered(s: Sketch, x: int) -> int:
    shape = s.live(x).shape
    axis = s.pick(0, len(shape) - 1)
    n = shape[axis]
    indices = [s.pick(-n, n - 1) for _ in range(s.pick(1, n))]
    if s.chance(0.5):
        indices = [int(i) for i in s.rng.permutation(n)]
    return s.add("gather", x, axis=axis, indices=indices)


@move
@block()
def repeated(s: Sketch, x: int) -> int:
    shape = s.live(x).shape
    single = [i for i, n in enumerate(shape) if n == 1]
    if single:
        return s.add("expand", x, axis=s.one_of(*single), size=s.pick(2, 4))
    axis = s.pick(0, len(shape) - 1)
    return s.add("tile", x, repeats=[2 if i == axis else 1 for i in range(len(shape))])


@block(2)
def several(s: Sketch, x: int) -> int:
    """Two to four movements, one after the other, then perhaps something that computes."""
    for _ in range(s.pick(2, 4)):
        y = s.one_of(*MOVES)(s, x)
        x = y if prod(s.live(y).shape) <= 400 else x
    if not s.live(x).rank:
        return x
    kind = s.pick(0, 4)
    if kind == 0:
        return s.quant(s.add("Relu", x))
    if kind == 1:
        return s.quant(s.branch(x))
    if kind == 2:
        return s.add("max_pool", x, **{**s.pointwise(x), "kernel": [min(2, n) for n in s.live(x).shape[1:]]})
    return x


@block()
def of_floats(s: Sketch, x: int) -> int:
    """Movement between a convolution and its quantizer, with functions on either side."""
    if not s.live(x).rank:
        return x
    y = s.elementwise(s.conv(x, s.pick(1, 6)))
    for _ in range(s.pick(1, 2)):
        moved = s.one_of(*MOVES)(s, y)
        y = moved if prod(s.live(moved).shape) <= 400 else y
    return s.quant(s.add(s.one_of("Relu", "Tanh", "Neg"), y) if s.chance(0.5) else y)


@block()
def summed_up(s: Sketch, x: int) -> int:
    """Running sums along any axis."""
    axis = s.pick(0, len(s.live(x).shape) - 1)
    return s.quant(s.add("cum_sum", x, axis=axis, exclusive=s.pick(0, 1)))


@move
@block(2)
def rearranged(s: Sketch, x: int) -> int:
    """The first that fits, in any order."""
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("swap", {}),
        ("depth_to_space", {"block": 2, "mode": s.one_of("DCR", "CRD")}),
        ("space_to_depth", {"block": 2}),
        ("shuffle", {"groups": s.pick(2, 3)}),
    ]
    made = (s.add(kinds[i][0], x, **kinds[i][1]) for i in s.rng.permutation(len(kinds)))
    return next((y for y in made if y != x), x)


@block()
def channels_last(s: Sketch, x: int) -> int:
    """To NHWC and back, with a quantizer, a matrix or nothing between, as tf2onnx and ConvNeXt have it."""
    rank = s.live(x).rank
    if not rank:
        return x
    there = s.add("transpose", x, axes=[*range(1, rank + 1), 0])
    kind = s.pick(0, 2)
    if kind == 0:
        there = s.quant(s.add("Relu", there))
    elif kind == 1:
        made = s.add("matmul", there, first=0, outputs=s.pick(1, 6), **s.weight())
        there = s.quant(s.add("Relu", made) if s.chance(0.5) else made)
    return s.add("transpose", there, axes=[rank, *range(rank)])


@block()
def matrix_over_positions(s: Sketch, x: int) -> int:
    """MLP-Mixer's: a matrix along the last axis, or from the left."""
    if not s.live(x).rank:
        return x
    made = s.add("matmul", x, first=s.pick(0, 1), outputs=s.pick(1, 6), **s.weight())
    return s.quant(s.add("Relu", made) if s.chance(0.5) else made)


@block()
def another_rank(s: Sketch, x: int) -> int:
    """An axis of length 1 comes, a convolution follows, the axis goes; or positions are merged."""
    live = s.live(x)
    if live.rank == 1:
        y = s.add("unsqueeze", x, axis=s.pick(1, 2))
        return plain_if(s, y) if s.chance(0.7) else s.add("upsample", y, factors=[1, 2])
    if live.rank == 2:
        if 1 in live.shape[1:]:
            return s.add("squeeze", x, axis=live.shape.index(1, 1))
        return s.add("reshape", x, to=[live.shape[0], live.shape[1] * live.shape[2]])
    return x


def plain_if(s: Sketch, x: int) -> int:
    """A convolution that keeps the shape."""
    return s.quant(s.branch(x))


@move
def mirrored(s: Sketch, x: int) -> int:
    live = s.live(x)
    pads = [s.pick(0, min(2, n - 1)) for n in (*live.shape[1:], *live.shape[1:])]
    return s.add("pad", x, pads=pads, mode=s.one_of("edge", "reflect", "constant"), level=0) if live.rank else x


@move
def turned(s: Sketch, x: int) -> int:
    """Axes in any order."""
    return s.add("transpose", x, axes=[int(a) for a in s.rng.permutation(len(s.live(x).shape))])
