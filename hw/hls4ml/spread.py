"""Spread: an operator of normalised graphs, which a transposed convolution is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph import Operator
from codesign.graph.operator import Range


@dataclass(frozen=True, eq=False, kw_only=True)
class Spread(Operator):
    """``out[i * factor] = in[i]`` along each spatial axis and zeros elsewhere; as long as ``factor`` times the input.

    Attributes:
        factors: an entry for each spatial axis.
    """

    factors: tuple[int, ...]

    def run(self, *x: np.ndarray) -> np.ndarray:
        frames, *shape = x[0].shape
        y = np.zeros((frames, *self.shape(tuple(shape))), np.int64)
        y[(slice(None), *(slice(None, None, f) for f in self.factors))] = x[0]
        return y

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return (*(n * f for n, f in zip(shapes[0][:-1], self.factors, strict=True)), shapes[0][-1])

    def range(self, *ranges: Range) -> Range:
        return np.minimum(ranges[0][0], 0), np.maximum(ranges[0][1], 0)
