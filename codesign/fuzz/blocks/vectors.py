"""Vectors: layers of a multilayer perceptron."""

from __future__ import annotations

from codesign.fuzz.blocks.registry import block
from codesign.fuzz.sketch import Sketch


@block(2)
def dense(s: Sketch, x: int) -> int:
    """A linear layer of a vector; anything else is flattened first, seldom."""
    if s.live(x).rank:
        if s.chance(0.8):
            return x
        x = s.add("flatten", x)
    return s.quant(s.elementwise(s.add("linear", x, outputs=s.pick(1, 9), bias=s.chance(0.5), **s.weight())))
