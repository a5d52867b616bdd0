"""Nearest-neighbour upsampling by whole factors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class Upsample(Operator):
    """``out[i] = in[i // factor]`` along each spatial axis; ``factors`` has an entry for each of them."""

    factors: tuple[int, ...]

    def run(self, *x: np.ndarray) -> np.ndarray:
        y = x[0]
        for axis, factor in enumerate(self.factors):
            y = np.repeat(y, factor, axis + 1)
        return y

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return (*(n * f for n, f in zip(shapes[0][:-1], self.factors, strict=True)), shapes[0][-1])

    def range(self, *ranges: Range) -> Range:
        return ranges[0]
