"""An integer tensor on an edge of the graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def bits_for(low: int, high: int) -> tuple[int, bool]:
    """Return the fewest bits that hold every integer in [low, high], and whether they are signed (two's complement)."""
    signed = low < 0
    if signed:
        return max((-low - 1).bit_length(), max(high, 0).bit_length()) + 1, True
    return max(high.bit_length(), 1), False


@dataclass(frozen=True, eq=False)
class Tensor:
    """Integers of one frame, channels last, with their proven range and real scale (value = scale * integer).

    Attributes:
        name: unique in the graph.
        shape: one frame's shape, channels last: (T, C), (H, W, C) or (C,).
        low: smallest value that each channel can take, int64 [C].
        high: largest value that each channel can take, int64 [C].
        scale: real value of one step of each channel, float64 [C]; what the software tail and the reports use.
    """

    name: str
    shape: tuple[int, ...]
    low: np.ndarray
    high: np.ndarray
    scale: np.ndarray

    def __post_init__(self) -> None:
        channels = (self.shape[-1],)
        for field, dtype in (("low", np.int64), ("high", np.int64), ("scale", np.float64)):
            value = np.ascontiguousarray(np.broadcast_to(np.asarray(getattr(self, field), dtype), channels))
            object.__setattr__(self, field, value)

    @property
    def channels(self) -> int:
        return self.shape[-1]

    @property
    def bits(self) -> int:
        """Bits of the narrowest two's complement or unsigned integer that holds the range."""
        return bits_for(int(self.low.min()), int(self.high.max()))[0]

    @property
    def signed(self) -> bool:
        return bool(self.low.min() < 0)
