"""Channels in another order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class ChannelShuffle(Operator):
    """``out[..., c] = in[..., order[c]]``; ``order``, int64 [C], is a permutation."""

    order: np.ndarray

    def run(self, *x: np.ndarray) -> np.ndarray:
        return x[0][..., self.order]

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        if sorted(self.order.tolist()) != list(range(shapes[0][-1])):
            raise ValueError(f"ChannelShuffle order must be a permutation of {shapes[0][-1]} channels")
        return shapes[0]

    def range(self, *ranges: Range) -> Range:
        low, high = ranges[0]
        return low[self.order], high[self.order]
