"""Numbers of a kernel that change from block to block of a frame: ``set_counter.sv`` addresses them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hw.kernels.cost import adder, counter
from hw.kernels.kernel import Resources, must


@dataclass(frozen=True)
class Turns:
    """How a memory of sets is read: a set from its beginning to its end, ``block`` times, then the next one.

    Attributes:
        words: of a set, which a frame's blocks have in turns.
        sets: sets in memory.
        block: turns of a set.
    """

    words: int
    sets: int = 1
    block: int = 1

    @property
    def depth(self) -> int:
        """Words of all sets."""
        return self.words * self.sets

    def parameters(self) -> dict[str, int]:
        """Return ``SETS`` and ``BLOCK``, none where there is one set."""
        return {"SETS": self.sets, "BLOCK": self.block} if self.sets > 1 else {}

    def resources(self, family: str) -> Resources:
        """Return what a ``set_counter`` takes beside its address's register, which its user counts."""
        if self.sets == 1:
            return Resources(lut=counter(self.words, family))
        bits, turn = (self.depth - 1).bit_length(), (self.block - 1).bit_length()
        logic = counter(self.depth, family) + 2 * bits + adder(bits, family) + counter(self.block, family) + 2
        return Resources(lut=logic, ff=2 * bits + turn)


def check_sets(kernel: str, sets: int, positions: int) -> None:
    """Raise UserError where a frame's positions are not as many blocks of one length as there are sets."""
    must(
        sets > 0 and positions % sets == 0,
        f"{kernel} positions must be a multiple of the {sets} sets of its numbers, not {positions}",
    )


def alike(rows: Sequence[np.ndarray]) -> tuple[bool, bool]:
    """Return whether all channels of each set have the same numbers, and whether all sets do.

    Args:
        rows: arrays [S, C, ...].
    """
    channels = all(bool((array == array[:, :1]).all()) for array in rows)
    return channels, all(bool((array == array[:1]).all()) for array in rows)
