"""Elementwise product of two tensors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class Mul(Operator):
    """``x * y`` of two tensors of one shape; a tensor times itself is its square."""

    def run(self, *x: np.ndarray) -> np.ndarray:
        return x[0] * x[1]

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        if shapes[0] != shapes[1]:
            raise ValueError(f"{self.output} multiplies two tensors of one shape, not {shapes[0]} and {shapes[1]}")
        return shapes[0]

    def range(self, *ranges: Range) -> Range:
        (a, b), (c, d) = ranges
        if self.inputs[0] == self.inputs[1]:
            ends = np.stack([a * a, b * b])
            return np.where((a <= 0) & (b >= 0), 0, ends.min(0)), ends.max(0)
        corners = np.stack([a * c, a * d, b * c, b * d])
        return corners.min(0), corners.max(0)
