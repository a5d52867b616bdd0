"""Running sums along one axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class CumSum(Operator):
    """ONNX CumSum from the axis's start on, on integers and channels last.

    Attributes:
        axis: a spatial axis of the frame, from 0.
        size: positions along it.
        exclusive: a position's own integer is left out of its sum, so that the first sum is 0.
    """

    axis: int
    size: int
    exclusive: bool = False

    def run(self, *x: np.ndarray) -> np.ndarray:
        sums = np.cumsum(x[0], self.axis + 1, dtype=np.int64)
        return sums - x[0] if self.exclusive else sums

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        spatial = shapes[0][:-1]
        if not 0 <= self.axis < len(spatial):
            raise ValueError(f"CumSum axis must be one of {len(spatial)} spatial axes from 0, not {self.axis}")
        if spatial[self.axis] != self.size:
            raise ValueError(f"CumSum size must be {spatial[self.axis]}, not {self.size}")
        return shapes[0]

    def range(self, *ranges: Range) -> Range:
        """The ends are those of the shortest and of the longest sum."""
        fewest, most = (0, self.size - 1) if self.exclusive else (1, self.size)
        low, high = ranges[0]
        return np.minimum(fewest * low, most * low), np.maximum(fewest * high, most * high)
