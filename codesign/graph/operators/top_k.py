"""The largest channels of every position."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class TopK(Operator):
    """The ``k`` largest channels in falling order, of equal ones the lower channel first; ArgMax is TopK(1, True).

    Attributes:
        k: how many; the output has ``k`` channels.
        indices: whether their channels' numbers come out, or their values.
    """

    k: int
    indices: bool

    def run(self, *x: np.ndarray) -> np.ndarray:
        order = np.argsort(-x[0], axis=-1, kind="stable")[..., : self.k].astype(np.int64)
        return order if self.indices else np.take_along_axis(x[0], order, -1)

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        if not 1 <= self.k <= shapes[0][-1]:
            raise ValueError(f"{self.output} must take 1 to {shapes[0][-1]} channels, not {self.k}")
        return (*shapes[0][:-1], self.k)

    def range(self, *ranges: Range) -> Range:
        low, high = ranges[0]
        if self.indices:
            return np.zeros(self.k, np.int64), np.full(self.k, len(low) - 1)
        # The j-th largest rises with every channel.
        return np.sort(low)[::-1][: self.k], np.sort(high)[::-1][: self.k]
