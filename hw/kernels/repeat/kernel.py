"""Repeat: integers sent several times, along any axes of a block."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np

from hw.design.stream import Port, Stream
from hw.kernels.kernel import Cycles, Kernel, Resources, must
from hw.kernels.reorder import counters
from hw.kernels.reorder.kernel import LUT_RAM_BITS, LUT_RAM_WORDS, by_blocks, memory_resources
from hw.kernels.tokens import Link, Phase, Tokens


@dataclass(frozen=True)
class Repeat(Kernel):
    """A frame is ``blocks`` blocks of shape ``sizes``; each index of axis i is sent ``times[i]`` times over.

    So a block of (1, W, C) with (fy, fx, 1) is a row that is upsampled; one of (C,) in a block of (1, C) with (n, 1) is
    a vector for n positions; and times on the last axis spread an integer over channels. A block of more than one word
    is kept in a double-buffered memory, a single word in a register.

    Attributes:
        sizes: shape of a block, the channels last.
        times: for each axis, at least 1.
        blocks: blocks of a frame.
        bits, signed: of an integer.
        pe: integers a word out, and in, unless the last axis repeats: its integers come one a word.
    """

    sizes: tuple[int, ...]
    times: tuple[int, ...]
    blocks: int
    bits: int
    signed: bool
    pe: int = 1

    rtl = ("stream_repeat.sv", "../reorder/reorder.sv")
    folds = ("pe",)

    def __post_init__(self) -> None:
        for name in ("blocks", "bits", "pe"):
            must(getattr(self, name) >= 1, f"Repeat {name} must be at least 1, not {getattr(self, name)}")
        must(
            len(self.sizes) == len(self.times) and min(*self.sizes, *self.times) >= 1,
            f"Repeat sizes and times must be positive and as many, not {self.sizes} and {self.times}",
        )
        must(self.limit % self.pe == 0, f"Repeat PE must divide {self.limit}, not be {self.pe}")
        must(len(self.loops) <= counters.LEVELS, f"Repeat takes {counters.LEVELS} counters, not {len(self.loops)}")

    @cached_property
    def integer_loops(self) -> counters.Loops:
        """Counters of single integers."""
        sizes, strides, stride = [], [], prod(self.sizes)
        for size, times in zip(self.sizes, self.times, strict=True):
            stride //= size
            sizes += [size, times]
            strides += [stride, 0]
        return counters.merged(sizes, strides)

    @property
    def spread(self) -> bool:
        """Whether an integer is repeated over channels."""
        return self.integer_loops[-1][1] == 0

    @property
    def limit(self) -> int:
        """What PE must divide."""
        return self.integer_loops[-1][0] if self.spread else counters.lanes(self.integer_loops)

    @cached_property
    def loops(self) -> counters.Loops:
        """Counters of words."""
        if not self.spread:
            return counters.in_words(self.integer_loops, self.pe)
        *outer, (times, _) = self.integer_loops
        return counters.merged([s for s, _ in outer] + [times // self.pe], [s for _, s in outer] + [0])

    @property
    def lanes_in(self) -> int:
        return 1 if self.spread else self.pe

    @property
    def words(self) -> int:
        """Words of a block, as it comes."""
        return prod(self.sizes) // self.lanes_in

    @property
    def single(self) -> bool:
        """Whether a block is a word, and needs no memory."""
        return self.words == 1

    @property
    def copies(self) -> int:
        """Copies of an integer side by side in a word."""
        return self.pe // self.lanes_in

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", Stream(self.lanes_in, self.bits, self.signed), self.blocks * self.words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        words = self.blocks * counters.places(self.loops)
        return (Port("m", Stream(self.pe, self.bits, self.signed), words),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        y = words[0].reshape(-1, *self.sizes)
        for axis, times in enumerate(self.times):
            y = np.repeat(y, times, axis + 1)
        return (y.reshape(len(words[0]), -1, self.pe),)

    @property
    def block_ram(self) -> bool:
        words = 2 * self.words
        return not self.single and words > LUT_RAM_WORDS and words * self.lanes_in * self.bits > LUT_RAM_BITS

    def cycles(self) -> Cycles:
        """A block is sent once it has come."""
        latency = 1 if self.single else self.words + 1 + self.block_ram
        return Cycles(interval=self.outputs[0].words, latency=latency)

    def tokens(self) -> Tokens:
        times = counters.places(self.loops)
        if self.single:
            return Tokens({"m0": Link(2 * times)}, ((Phase(take={"s0": 1}, give={"m0": times}),),))
        return by_blocks(self.words, times, self.block_ram)

    def fold_limits(self) -> dict[str, int]:
        return {"pe": self.limit}

    @property
    def module(self) -> str:
        return "stream_repeat" if self.single else "reorder"

    def verilog_parameters(self) -> dict[str, int]:
        if self.single:
            return {
                "DATA_BITS": self.lanes_in * self.bits,
                "TIMES": counters.places(self.loops),
                "LANES": self.copies,
            }
        given = {"DATA_BITS": self.lanes_in * self.bits, "BLOCK": self.words, "BLOCKS": self.blocks}
        return given | counters.parameters(self.loops) | {"COPIES": self.copies, "BLOCK_RAM": int(self.block_ram)}

    def resources(self, family: str) -> Resources:
        word = self.lanes_in * self.bits
        if self.single:
            count = (counters.places(self.loops) - 1).bit_length()
            each = 2 if family == "ecp5" else 1
            return Resources(lut=word + each * count + 8, ff=2 * word + 4 + count)
        return memory_resources(self.loops, self.words, self.blocks, word, family)
