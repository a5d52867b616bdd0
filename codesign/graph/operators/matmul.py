"""Fully connected layer: a matrix times the channels of every position."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range
from codesign.graph.operators.conv import exact_matmul


@dataclass(frozen=True, eq=False, kw_only=True)
class MatMul(Operator):
    """``weights @ x`` along the last axis; ``weights`` is int64 [O, I]."""

    weights: np.ndarray

    def run(self, *x: np.ndarray) -> np.ndarray:
        return exact_matmul(x[0], self.weights)

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return (*shapes[0][:-1], self.weights.shape[0])

    def range(self, *ranges: Range) -> Range:
        products = self.weights * ranges[0][0], self.weights * ranges[0][1]
        return np.minimum(*products).sum(1), np.maximum(*products).sum(1)
