"""Multi-threshold activation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class Threshold(Operator):
    """``low + #{l : x >= thresholds[c, l]}``; a descending channel gives ``low + L - #{...}`` instead.

    Attributes:
        thresholds: int64 [C, L], ascending along L; a level that no x reaches has a threshold above the input's range.
        descending: bool [C].
        low: the output when no threshold is reached.
    """

    thresholds: np.ndarray
    descending: np.ndarray
    low: int

    @property
    def levels(self) -> int:
        """Number of thresholds L: the output takes L + 1 values."""
        return self.thresholds.shape[1]

    def run(self, *x: np.ndarray) -> np.ndarray:
        count = np.zeros(x[0].shape, np.int64)
        for level in self.thresholds.T:
            count += x[0] >= level
        return self.low + np.where(self.descending, self.levels - count, count)

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return shapes[0]

    def range(self, *ranges: Range) -> Range:
        ends = np.stack([self.run(end) for end in ranges[0]])
        return ends.min(0), ends.max(0)
