"""A quantizer's parameters, and the levels of its staircase."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.ingest.functions.rounding import BOUNDARIES


@dataclass(frozen=True, eq=False)
class Quantizer:
    """``clamp(round(x / scale + zero), low, high) - zero``; bipolar: 1 where ``x / scale >= 0``, else -1,
    which is held as 1 and 0.

    Attributes:
        scale: float64 [C], the exact image of the stored parameter; never zero, may be negative.
        zero: zero point.
        low, high: the clamp.
        rounding: a key of ``BOUNDARIES``.
    """

    scale: np.ndarray
    zero: int
    low: int
    high: int
    rounding: str
    bipolar: bool = False

    def levels(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Levels in [first, last] that the clamp lets through: (levels, twice their boundaries, boundary included)."""
        if self.bipolar:
            return np.array([1]), np.array([0]), np.array([True])
        levels = np.arange(max(first, self.low + 1), min(last, self.high) + 1, dtype=np.int64)
        return levels, *BOUNDARIES[self.rounding](levels)
