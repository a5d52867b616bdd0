"""Concatenation of tensors along one axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class Concat(Operator):
    """Two or more tensors one after the other along ``axis``.

    Attributes:
        axis: of the frame, counted from its end: -1 is the channels' axis, -2 the innermost spatial one.
    """

    axis: int

    def __post_init__(self) -> None:
        if self.axis >= 0:
            raise ValueError(f"Concat axis is counted from the frame's end (-1: channels): not {self.axis}")

    def run(self, *x: np.ndarray) -> np.ndarray:
        return np.concatenate(x, self.axis)

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        axis = len(shapes[0]) + self.axis
        others = {(*s[:axis], *s[axis + 1 :]) for s in shapes}
        if axis < 0 or len(others) != 1:
            raise ValueError(f"Concat along axis {self.axis} needs shapes that differ there only, not {shapes}")
        return (*shapes[0][:axis], sum(s[axis] for s in shapes), *shapes[0][axis + 1 :])

    def range(self, *ranges: Range) -> Range:
        lows, highs = zip(*ranges, strict=True)
        if self.axis == -1:
            return np.concatenate(lows), np.concatenate(highs)
        return np.min(lows, 0), np.max(highs, 0)
