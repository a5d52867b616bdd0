"""A new shape for the same words in the same order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class Reshape(Operator):
    """Axes of length 1 come or go, or a frame of one channel becomes a vector; no integer moves."""

    to: tuple[int, ...]

    def run(self, *x: np.ndarray) -> np.ndarray:
        return x[0].reshape(x[0].shape[0], *self.to)

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return self.to

    def range(self, *ranges: Range) -> Range:
        low, high = ranges[0]
        if len(low) == self.to[-1]:
            return low, high
        return np.full(self.to[-1], low.min()), np.full(self.to[-1], high.max())
