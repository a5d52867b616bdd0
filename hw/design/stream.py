"""Streams: how the words of a frame travel between kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Stream:
    """The form of a stream's words.

    On the wire a word is ``{last, lane[n-1], ..., lane[0]}``: the frame's last word has ``last`` set, lane 0 is in the
    lowest bits, a signed lane is in two's complement. The handshake is AXI4-Stream's: a word moves where valid
    and ready are both high, and data holds still while valid is high and ready low.

    Attributes:
        lanes: integers a word, at least 1; lanes are consecutive channels.
        bits: bits of each.
        signed: two's complement or unsigned.
    """

    lanes: int
    bits: int
    signed: bool = False

    @property
    def data_bits(self) -> int:
        """Bits of a word's data."""
        return self.lanes * self.bits

    @property
    def word_bits(self) -> int:
        """Bits of a word's data and its ``last``."""
        return self.data_bits + 1

    @property
    def low(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        return (1 << (self.bits - self.signed)) - 1

    def random(self, rng: np.random.Generator, frames: int, words: int) -> np.ndarray:
        """Return uniform integers over the whole range, int64 [frames, words, lanes]."""
        return rng.integers(self.low, self.high, (frames, words, self.lanes), np.int64, endpoint=True)


@dataclass(frozen=True)
class Port:
    """A kernel's or a design's end of a stream.

    In the RTL it is ``<name>_data``, ``<name>_valid`` and ``<name>_ready``. Ports of one name are one packed vector, in
    order, the first in the lowest bits.

    Attributes:
        name: prefix of the RTL ports: ``s`` for an input, ``m`` for an output, ``s0``, ``s1``… where they differ.
        stream: the words' form.
        words: words in a frame.
    """

    name: str
    stream: Stream
    words: int
