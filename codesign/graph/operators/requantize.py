"""Affine requantization: multiply, add, shift, clamp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class Requantize(Operator):
    """``clamp((x * multiplier + offset) >> shift, low, high)``, channel by channel; ``>>`` floors.

    Attributes:
        multiplier: int64 [C], may be negative or zero.
        offset: int64 [C].
        shift: one for all channels (raising a channel's shift by d and its numbers by 2**d changes nothing).
        low, high: the clamp.
    """

    multiplier: np.ndarray
    offset: np.ndarray
    shift: int
    low: int
    high: int

    def run(self, *x: np.ndarray) -> np.ndarray:
        bound = np.abs(x[0]).max(initial=0).astype(object) * np.abs(self.multiplier).max(initial=0).astype(object)
        wide = int(bound) + int(np.abs(self.offset).max(initial=0)) >= 2**62
        y = x[0].astype(object) if wide else x[0]  # big integers: int64 overflows near 34-bit accumulators
        y = (y * self.multiplier + self.offset) >> self.shift
        return np.clip(y, self.low, self.high).astype(np.int64)

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return shapes[0]

    def range(self, *ranges: Range) -> Range:
        ends = np.stack([self.run(end) for end in ranges[0]])
        return ends.min(0), ends.max(0)
