"""Weighted integer sum of two tensors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class Add(Operator):
    """``a * x + b * y`` of two tensors of one shape; ``coefficients`` is (a, b), (1, 1) where the scales are equal."""

    coefficients: tuple[int, int] = (1, 1)

    def run(self, *x: np.ndarray) -> np.ndarray:
        a, b = self.coefficients
        return a * x[0] + b * x[1]

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return shapes[0]

    def range(self, *ranges: Range) -> Range:
        ends = [(c * low, c * high) for c, (low, high) in zip(self.coefficients, ranges, strict=True)]
        return sum(np.minimum(*e) for e in ends), sum(np.maximum(*e) for e in ends)  # type: ignore[return-value]
