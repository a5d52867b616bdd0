"""Repetition along axes of length 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class Expand(Operator):
    """Axes of length 1 are repeated to the frame shape ``to`` of the same rank; the channels' axis may be one."""

    to: tuple[int, ...]

    def run(self, *x: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(np.broadcast_to(x[0], (x[0].shape[0], *self.to)))

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        (shape,) = shapes
        if len(shape) != len(self.to) or any(n not in (1, to) for n, to in zip(shape, self.to, strict=True)):
            raise ValueError(f"Expand takes axes of length 1 to {self.to}, and cannot do so with {shape}")
        return self.to

    def range(self, *ranges: Range) -> Range:
        low, high = ranges[0]
        channels = self.to[-1]
        return np.broadcast_to(low, channels).copy(), np.broadcast_to(high, channels).copy()
