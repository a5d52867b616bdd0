"""A function of one integer, kept as a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class Table(Operator):
    """``values[c, x - first[c]]``, channel by channel; x must lie in [first, first + N).

    Attributes:
        values: int64 [C, N], or [1, N] where all channels have one function.
        first: int64 [C], the x of each channel's first value.
    """

    values: np.ndarray
    first: np.ndarray

    def run(self, *x: np.ndarray) -> np.ndarray:
        index = x[0] - self.first
        size = self.values.shape[1]
        if index.size and (index.min() < 0 or index.max() >= size):
            raise ValueError(f"{self.output} has {size} values a channel, but its input goes beyond them")
        row = np.arange(len(self.first)) if len(self.values) > 1 else np.zeros(len(self.first), np.int64)
        return self.values[row, index]

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        channels = shapes[0][-1]
        if len(self.first) != channels or len(self.values) not in (1, channels):
            raise ValueError(
                f"{self.output} must have {channels} first inputs and 1 or {channels} rows of values, "
                f"not {len(self.first)} and {len(self.values)}"
            )
        return shapes[0]

    def range(self, *ranges: Range) -> Range:
        low, high = ranges[0]
        if (low < self.first).any() or (high >= self.first + self.values.shape[1]).any():
            raise ValueError(
                f"{self.output} has {self.values.shape[1]} values a channel, but its input goes beyond them"
            )
        rows = np.broadcast_to(self.values, (len(self.first), self.values.shape[1]))
        reached = [row[a : b + 1] for row, a, b in zip(rows, low - self.first, high - self.first, strict=True)]
        return np.array([r.min() for r in reached]), np.array([r.max() for r in reached])
