"""A frame's axes in another order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class Transpose(Operator):
    """The output's axis i is the input's ``axes[i]``; axes are the frame's, without the batch.

    Where another axis becomes the channels', all channels share one range (of length 1, for it says nothing of sizes).
    """

    axes: tuple[int, ...]

    def run(self, *x: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(np.transpose(x[0], (0, *(a + 1 for a in self.axes))))

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        if sorted(self.axes) != list(range(len(shapes[0]))):
            raise ValueError(f"Transpose axes must be a permutation of the {len(shapes[0])} axes, not {self.axes}")
        return tuple(shapes[0][a] for a in self.axes)

    def range(self, *ranges: Range) -> Range:
        low, high = ranges[0]
        if self.axes[-1] == len(self.axes) - 1:
            return low, high
        return low.min(keepdims=True), high.max(keepdims=True)
