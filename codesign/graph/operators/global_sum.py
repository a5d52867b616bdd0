"""Sum over all positions: global average pooling, whose 1/N is in the scale."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class GlobalSum(Operator):
    """Sum of each channel over the ``positions`` of a frame; the output's shape is (C,)."""

    positions: int

    def run(self, *x: np.ndarray) -> np.ndarray:
        return x[0].sum(tuple(range(1, x[0].ndim - 1)))

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        if prod(shapes[0][:-1]) != self.positions:
            raise ValueError(f"GlobalSum positions must be {prod(shapes[0][:-1])}, not {self.positions}")
        return shapes[0][-1:]

    def range(self, *ranges: Range) -> Range:
        return self.positions * ranges[0][0], self.positions * ranges[0][1]
