"""Stream FIFO: words wait between two kernels."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from hw.design.stream import Port, Stream
from hw.kernels.cost import counter, slice_luts
from hw.kernels.kernel import Cycles, Kernel, Resources, must
from hw.kernels.memory.memory import block_depth
from hw.kernels.tokens import Link, Tokens, through

BLOCK_RAM_WORDS, BLOCK_RAM_BITS = 32, 512
"""Words and bits above which block RAM is the cheaper memory."""


@dataclass(frozen=True)
class StreamFifo(Kernel):
    """Hold ``depth`` words, and a few more where they cost nothing.

    Attributes:
        stream: the words' form.
        words: words in a frame.
        depth: words that it must hold; registers up to 2, distributed RAM for few, block RAM for many.
    """

    stream: Stream
    words: int
    depth: int

    rtl = ("stream_fifo.sv", "../register_slice/register_slice.sv")

    def __post_init__(self) -> None:
        must(self.words >= 1, f"StreamFifo words must be at least 1, not {self.words}")
        must(self.depth >= 1, f"StreamFifo depth must be at least 1, not {self.depth}")

    @property
    def form(self) -> str:
        """``register``, ``lut`` or ``block``."""
        if self.depth <= 2:
            return "register"
        many = self.depth > BLOCK_RAM_WORDS and self.depth * self.stream.word_bits > BLOCK_RAM_BITS
        return "block" if many else "lut"

    @property
    def memory_words(self) -> int:
        """Words of the memory: a power of two, whose addresses are cheaper, where that takes no more memory."""
        least = self.depth - (2 if self.form == "block" else 1)
        power = 1 << (least - 1).bit_length()
        if self.form == "block":
            bits = self.stream.word_bits
            return power if _block_rams(power, bits) == _block_rams(least, bits) else least
        return power if ceil(power / 16) == ceil(least / 16) else least

    @property
    def capacity(self) -> int:
        """Words that it holds."""
        return {"register": 2, "lut": self.memory_words + 1, "block": self.memory_words + 2}[self.form]

    @property
    def module(self) -> str:
        return "register_slice" if self.form == "register" else "stream_fifo"

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", self.stream, self.words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        return (Port("m", self.stream, self.words),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        return words

    def cycles(self) -> Cycles:
        return Cycles(interval=self.words, latency={"register": 1, "lut": 2, "block": 3}[self.form])

    def tokens(self) -> Tokens:
        return through(Link(self.capacity, forward=self.cycles().latency))

    def resources(self, family: str) -> Resources:
        bits = self.stream.word_bits
        if self.form == "register":
            return Resources(lut=slice_luts(bits), ff=2 * bits + 2)
        words = self.memory_words
        address = max(1, (words - 1).bit_length())
        wraps = words == 1 << address
        logic = 2 * counter(words, family, not wraps) + (27 * address // 10 + 6 if family == "ecp5" else address + 6)
        control = Resources(lut=logic, ff=2 * address + 2 + bits)
        if self.form == "block":
            one_behind_another = -(-words // block_depth(words, bits))
            chosen = bits * one_behind_another // (1 if family == "ecp5" else 2) if one_behind_another > 1 else 0
            return control + Resources(lut=chosen, bram=_block_rams(words, bits), ff=one_behind_another)
        if family == "ecp5":
            rows = ceil(words / 16)
            return control + Resources(lut=6 * rows * ceil(bits / 4) + (rows - 1) * bits)
        return control + Resources(lut=ceil(words / 32) * ceil(bits / 6) * 4)

    def verilog_parameters(self) -> dict[str, int | str]:
        if self.form == "register":
            return {"WORD_BITS": self.stream.word_bits}
        return {"WORD_BITS": self.stream.word_bits, "DEPTH": self.capacity, "FORM": self.form}


def _block_rams(words: int, bits: int) -> int:
    """Return 18-kbit block RAMs of the best of their shapes."""
    return min(
        ceil(words / depth) * ceil(bits / width) for depth, width in ((512, 36), (1024, 18), (2048, 9), (4096, 4))
    )
