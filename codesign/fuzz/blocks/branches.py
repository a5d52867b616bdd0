"""Branches that meet: residuals, gates, products, concatenations, splits."""

from __future__ import annotations

import numpy as np

from codesign.fuzz.blocks.registry import block
from codesign.fuzz.sketch import Sketch


@block()
def residual(s: Sketch, x: int) -> int:
    bits, signed = s.pick(3, 8), int(s.chance(0.7))
    scale = float(np.float32(3 * max(s.live(x).spread, 1e-3) / 2**bits))
    skip = s.quant(x, signed, bits, scale)
    body = s.quant(s.branch(x), signed, bits, scale)
    joined = s.add(s.one_of("Add", "Add", "Sub"), skip, body)
    return s.quant(s.add("Relu", joined) if s.chance(0.5) else joined)


@block()
def unequal_residual(s: Sketch, x: int) -> int:
    body = s.quant(s.branch(x), bits=s.pick(2, 5))
    return s.quant(s.add("Add", x, body), bits=s.pick(2, 5))


@block()
def sum_of_three(s: Sketch, x: int) -> int:
    """Branches of one scale, or of whole multiples of it."""
    bits = s.pick(3, 5)
    scale = float(np.float32(3 * max(s.live(x).spread, 1e-3) / 2**bits))
    parts = [s.quant(s.branch(x) if i else x, 1, bits, scale * s.one_of(1, 1, 2)) for i in range(3)]
    return s.quant(s.elementwise(s.add("Add", *parts)))


@block()
def broadcast(s: Sketch, x: int) -> int:
    """A tensor less its own mean or largest, over positions or channels."""
    shape, bits = s.live(x).shape, s.pick(3, 6)
    if len(shape) == 1:
        return x
    scale = float(np.float32(3 * max(s.live(x).spread, 1e-3) / 2**bits))
    left = s.quant(x, 1, bits, scale)
    axes = s.one_of(list(range(1, len(shape))), [1], [0])
    small = s.quant(s.add(s.one_of("ReduceMean", "ReduceMax"), left, axes=axes, keep=1), 1, bits, scale)
    both = (left, small) if s.chance(0.7) else (small, left)
    return s.quant(s.add(s.one_of("Sub", "Sub", "Add"), *both))


@block()
def concat(s: Sketch, x: int) -> int:
    other = s.like(s.branch(x), x)
    if other is None:
        return x
    axis = 0 if s.chance(0.7) else s.pick(0, len(s.live(x).shape) - 1)
    return s.add("concat", *((x, other) if s.chance(0.5) else (other, x)), axis=axis)


@block()
def concat_of_unequal(s: Sketch, x: int) -> int:
    """Two to four tensors of any scales along the channels; then a quantizer, or single channels."""
    parts = [x, *(s.quant(s.branch(x), bits=s.pick(2, 6)) for _ in range(s.pick(1, 3)))]
    s.rng.shuffle(parts)
    y = s.add("concat", *parts, axis=0)
    if s.live(y).rank and s.chance(0.4):
        channels = s.live(y).shape[0]
        return s.quant(s.elementwise(s.conv(y, channels, channels)))
    return s.quant(s.add("Relu", y) if s.chance(0.3) else y)


@block()
def shuffled(s: Sketch, x: int) -> int:
    """ShuffleNet's unit: half of the channels pass by."""
    channels = s.live(x).shape[0]
    if channels % 2:
        return x
    left = s.add("slice", x, axis=0, start=0, stop=channels // 2, step=1)
    right = s.add("slice", x, axis=0, start=channels // 2, stop=channels, step=1)
    made = s.like(s.branch(right), x)
    return x if made is None else s.add("shuffle", s.add("concat", left, made, axis=0), groups=2)


@block()
def split(s: Sketch, x: int) -> int:
    """A Split of unequal parts, all used; each quantized alike, and put together in another order."""
    shape = s.live(x).shape
    axis = s.pick(0, len(shape) - 1)
    if shape[axis] < 2:
        return x
    count = s.pick(2, min(4, shape[axis]))
    cuts = sorted(int(c) for c in s.rng.choice(np.arange(1, shape[axis]), count - 1, replace=False))
    sizes = [b - a for a, b in zip([0, *cuts], [*cuts, shape[axis]], strict=True)]
    parts = [s.add("split", x, axis=axis, sizes=sizes, part=i) for i in range(count)]
    made = [s.like(s.branch(part), x) if s.chance(0.5) else part for part in parts]
    kept = [x if part is None else part for part in made]
    if x in kept:
        return x
    s.rng.shuffle(kept)
    return s.add("concat", *kept, axis=axis)


@block()
def gate(s: Sketch, x: int) -> int:
    """Squeeze and excitation."""
    live = s.live(x)
    if not live.rank:
        return x
    pooled = s.quant(s.add(s.one_of("global_average", "global_max"), x), bits=s.pick(3, 8))
    made = s.conv(pooled, live.shape[0], **s.pointwise(pooled))
    factor = s.quant(s.add(s.one_of("Sigmoid", "HardSigmoid"), made), signed=0, bits=s.pick(2, 6))
    return s.quant(s.add("Mul", x, factor))


@block()
def product(s: Sketch, x: int) -> int:
    return s.quant(s.add("Mul", x, s.quant(s.branch(x), bits=s.pick(2, 5))))
