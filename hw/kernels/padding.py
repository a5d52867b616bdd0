"""More channels than a network has, so that a number of lanes divides them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Padding:
    """Each ``count`` consecutive channels of a stream become ``to``; those behind are of no interest to anybody.

    Kernels fill them with copies of the first channel, whose integers are in range everywhere; a unit that reads them
    has zero weights there.
    """

    count: int
    to: int

    def fits(self, channels: int) -> bool:
        """Return whether so many channels are whole blocks."""
        return channels % self.count == 0

    def channels(self, channels: int) -> int:
        """Return how many so many become."""
        return channels // self.count * self.to

    def repeat(self, values: np.ndarray, axis: int = 0) -> np.ndarray:
        """Return the channels' values with the first one's in the padding, whatever lies along the other axes."""
        channel = np.concatenate([np.arange(self.count), np.zeros(self.to - self.count, np.int64)])
        blocks = np.arange(values.shape[axis] // self.count) * self.count
        return np.take(values, (blocks[:, None] + channel).reshape(-1), axis)

    def zero(self, values: np.ndarray, axis: int = 0) -> np.ndarray:
        """Return the channels' values with zeros in the padding."""
        padded = self.repeat(values, axis)
        behind = np.arange(padded.shape[axis]) % self.to >= self.count
        np.moveaxis(padded, axis, 0)[behind] = 0
        return padded


NONE = Padding(1, 1)
