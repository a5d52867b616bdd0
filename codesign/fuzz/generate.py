"""Random networks: blocks as designers of CNNs write them, of random sizes, bits, scales and rounding modes.

Nearly all are valid; a few hold something that has no exact form, and must be refused.
"""

from __future__ import annotations

from math import prod

import numpy as np

from codesign.fuzz.blocks import BLOCKS
from codesign.fuzz.layers.illegal import KINDS
from codesign.fuzz.recipe import Recipe
from codesign.fuzz.sketch import RISING, Sketch

LARGEST_FRAME = 400
"""Integers of an inner tensor, so that a frame takes a few thousand cycles."""
SPEEDS = (1, 1, 3, 8, 40)
ILLEGAL = 0.03
"""Share of networks that must be refused."""


def generate(seed: int) -> Recipe:
    """The network of a seed; the same seed gives the same network."""
    rng = np.random.default_rng(seed)
    rank = int(rng.choice([0, 1, 1, 1, 2, 2, 2, 2, 2]))
    sizes = [int(rng.integers(4, 12)) for _ in range(rank)]
    if sizes and rng.random() < 0.1:
        sizes[int(rng.integers(rank))] = 1
    shape = (int(rng.integers(1, 7)) if rank else int(rng.integers(2, 20)), *sizes)
    kind = str(rng.choice(["", "uint8", "int8", "uint4"])) if rng.random() < 0.2 else ""
    empty = Recipe(shape, (), seed, int(rng.choice(SPEEDS)), int(rng.choice([13, 17, 17, 20])), kind)
    s = Sketch(empty, rng)
    x = _beginning(s)
    for _ in range(s.pick(1, 4)):
        x = _block(s, x)
    if s.chance(ILLEGAL):
        x = s.add("illegal", x, kind=s.one_of(*KINDS))
    _ending(s, x)
    return Recipe(shape, tuple(s.layers), seed, empty.speed, empty.opset, kind).needed()


def _block(s: Sketch, x: int) -> int:
    """One more block, of those that fit."""
    before = len(s.layers)
    for _ in range(4):
        y = s.one_of(*BLOCKS)(s, x)
        if y != x and prod(s.live(y).shape) <= LARGEST_FRAME:
            return y
        s.back_to(before)
    return x


def _beginning(s: Sketch) -> int:
    """The model's input, quantized; declared integers may be taken as they are."""
    kind = s.recipe.input_type
    if kind in ("uint8", "int8") and s.chance(0.5):
        return s.add("integers_in", 0, type=kind, how=s.one_of("Cast", "DequantizeLinear"), scale=0.0117)
    if kind:
        return s.add("Identity", 0) if s.chance(0.5) else s.quant(s.add("affine", 0, factor=1 / 255, summand=-0.5))
    x = 0
    if s.chance(0.15):
        x = s.add("affine", x, factor=s.one_of(2.0, -0.7, 1.3), summand=s.one_of(-1.0, 0.25))
    if s.chance(0.1):
        x = s.add(s.one_of("scale", "offset"), x, seed=s.fresh(), per_channel=True)
    if s.chance(0.1):
        x = s.add(s.one_of("Relu", *(op for op in RISING if op != "Sign")), x)
        return s.quant(x, signed=1, mode="ROUND")  # others may have a boundary where the function never arrives
    if s.chance(0.1):
        return s.add("bipolar", x, scale=float(s.rng.choice([1, 0.3])))
    return s.quant(x, signed=1)


def _ending(s: Sketch, x: int) -> int:
    """A classifier's end, a map's, a raw accumulator, places of the largest, or nothing."""
    kind = s.one_of("none", "pooled", "flat", "wide", "raw", "index", "top")
    rank = s.live(x).rank
    if kind in ("pooled", "flat"):
        if rank:
            x = s.quant(s.add("global_average", x)) if kind == "pooled" else x
            x = s.add("flatten", x)
        return s.add("linear", x, outputs=s.pick(1, 9), bias=s.chance(0.5), **s.weight())
    if kind in ("wide", "raw") and rank:
        made = s.conv(x, s.pick(1, 4))
        return made if kind == "raw" else s.quant(made, 1, 16, form="Quant")
    if kind == "index":
        return s.add("ArgMax", x, axis=0 if s.chance(0.7) else s.pick(0, rank))
    if kind == "top":
        return s.add("top_k", x, k=s.pick(1, s.live(x).shape[0]), axis=0, part=s.pick(0, 1))
    return x
