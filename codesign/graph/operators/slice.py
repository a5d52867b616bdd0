"""A part of a frame: a start, a stop and a step along each axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class Slice(Operator):
    """``x[start:stop:step]`` along every axis of the frame, the channels' last.

    Attributes:
        starts: first index of each axis, inclusive.
        stops: last index of each axis, exclusive; one beyond the axis means its end.
        steps: at least 1.
    """

    starts: tuple[int, ...]
    stops: tuple[int, ...]
    steps: tuple[int, ...]

    @property
    def slices(self) -> tuple[slice, ...]:
        """One per frame axis."""
        return tuple(slice(*bounds) for bounds in zip(self.starts, self.stops, self.steps, strict=True))

    def run(self, *x: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(x[0][(slice(None), *self.slices)])

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        if min(self.steps) < 1:
            raise ValueError(f"Slice steps must be at least 1, not {self.steps}")
        kept = tuple(len(range(*s.indices(n))) for n, s in zip(shapes[0], self.slices, strict=True))
        if min(kept) < 1:
            raise ValueError(f"Slice {self.starts} to {self.stops} leaves nothing of {shapes[0]}")
        return kept

    def range(self, *ranges: Range) -> Range:
        low, high = ranges[0]
        return low[self.slices[-1]], high[self.slices[-1]]
