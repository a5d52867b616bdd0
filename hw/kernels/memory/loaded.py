"""How a set of words lies in a loaded memory, and in the 64-bit words of the weight-load port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hw.kernels.kernel import LOAD_BITS
from hw.kernels.memory.memory import ULTRA_SHAPE


@dataclass(frozen=True)
class Rows:
    """Rows of a ``loaded_memory``: narrow words lie side by side, as many as an ultra RAM is wide.

    A row comes in as few words of the port as hold it and starts with a new one, the low bits first. So narrow words
    leave little of an ultra RAM's width unused, nor of the port's words; words that are wide take whole words of the
    port, the last of which they may leave half empty.

    Attributes:
        depth: words of a set.
        word_bits: of a word.
    """

    depth: int
    word_bits: int

    @property
    def pack(self) -> int:
        """Words of a row: a power of two that divides ``depth``, 1 where two are wider than an ultra RAM."""
        pack = 1
        while 2 * pack * self.word_bits <= ULTRA_SHAPE[1] and self.depth % (2 * pack) == 0:
            pack *= 2
        return pack

    @property
    def bits(self) -> int:
        """Bits of a row."""
        return self.pack * self.word_bits

    @property
    def count(self) -> int:
        """Rows of a set."""
        return self.depth // self.pack

    @property
    def pieces(self) -> int:
        """Words of the port that a row comes in."""
        return -(-self.bits // LOAD_BITS)

    @property
    def load_words(self) -> int:
        """Words of the port that a set comes in, which are the cycles that it takes at least."""
        return self.count * self.pieces

    def words(self, words: Sequence[int]) -> np.ndarray:
        """Return the port's words of whole sets, uint64 [sets, load_words], for the words of all sets."""
        size = -(-self.bits // LOAD_BITS) * LOAD_BITS // 8
        rows = bytearray()
        for first in range(0, len(words), self.pack):
            row = sum(word << (self.word_bits * i) for i, word in enumerate(words[first : first + self.pack]))
            rows += row.to_bytes(size, "little")
        return np.frombuffer(bytes(rows), "<u8").astype(np.uint64).reshape(-1, self.load_words)
