"""A frame with a constant around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class Pad(Operator):
    """ONNX Pad in the mode ``constant`` along the spatial axes; every channel gets the same integer.

    Attributes:
        pads: (before, after) along each spatial axis, none negative.
        value: the integer of the added positions.
    """

    pads: tuple[tuple[int, int], ...]
    value: int = 0

    def run(self, *x: np.ndarray) -> np.ndarray:
        return np.pad(x[0], [(0, 0), *self.pads, (0, 0)], constant_values=self.value)

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        if min(p for pads in self.pads for p in pads) < 0:
            raise ValueError(f"Pad pads must not be negative, not {self.pads}")
        spatial = zip(shapes[0][:-1], self.pads, strict=True)
        return (*(n + before + after for n, (before, after) in spatial), shapes[0][-1])

    def range(self, *ranges: Range) -> Range:
        if not any(p for pads in self.pads for p in pads):
            return ranges[0]
        return np.minimum(ranges[0][0], self.value), np.maximum(ranges[0][1], self.value)
