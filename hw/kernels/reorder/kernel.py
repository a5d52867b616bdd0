"""Reorder: the integers of every block in another order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hw.design.stream import Port, Stream
from hw.kernels.cost import counter, slice_luts
from hw.kernels.kernel import Cycles, Kernel, Resources, must
from hw.kernels.memory.memory import block_rams, ram_luts
from hw.kernels.reorder import counters
from hw.kernels.tokens import Link, Phase, Tokens, move, registers
from hw.kernels.width_converter.cost import width_down, width_up
from hw.kernels.width_converter.kernel import conversion

LUT_RAM_WORDS, LUT_RAM_BITS = 32, 512
"""Words and bits of the memory above which it is block RAM."""

REGISTER_BITS = 2048
"""Bits of a block up to which registers may hold it, so that its integers can be spread over any lanes."""


@dataclass(frozen=True)
class Reorder(Kernel):
    """A frame is ``blocks`` blocks of ``block`` integers, and each of them is sent in the order of nested counters.

    Integer i of a block sent is integer ``sum(counter * stride)`` of the block that came, the counters taking all
    values below ``sizes``, the last one fastest. A transpose, a channel shuffle, depth to space are such orders.

    Two forms: a double-buffered memory, where ``pe`` consecutive integers stay together (the innermost stride is 1, and
    ``pe`` divides the innermost size and all other strides); else, for small blocks, registers and wires.

    Attributes:
        block: integers of a block.
        sizes, strides: of the counters, outermost first; together a permutation of the block.
        blocks: blocks of a frame.
        bits, signed: of an integer.
        pe: integers a word.
    """

    block: int
    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    blocks: int
    bits: int
    signed: bool
    pe: int = 1

    rtl = (
        "reorder.sv",
        "lane_reorder.sv",
        "../width_converter/width_converter.sv",
        "../width_converter/width_up.sv",
        "../width_converter/width_down.sv",
        "../register_slice/register_slice.sv",
    )
    folds = ("pe",)

    def __post_init__(self) -> None:
        for name in ("block", "blocks", "bits", "pe"):
            must(getattr(self, name) >= 1, f"Reorder {name} must be at least 1, not {getattr(self, name)}")
        must(
            len(self.sizes) == len(self.strides),
            f"Reorder strides must be as many as sizes {self.sizes}, not {self.strides}",
        )
        must(
            len(self.order) == self.block and np.array_equal(np.sort(self.order), np.arange(self.block)),
            f"Reorder sizes {self.sizes} and strides {self.strides} must reach each of {self.block} integers once",
        )
        limit = self.fold_limits()["pe"]
        must(limit % self.pe == 0, f"Reorder PE must divide {limit}, not be {self.pe}")
        must(len(self.loops) <= counters.LEVELS, f"Reorder takes {counters.LEVELS} counters, not {len(self.loops)}")

    @cached_property
    def loops(self) -> counters.Loops:
        return counters.merged(self.sizes, self.strides)

    @cached_property
    def order(self) -> np.ndarray:
        """Place in its block of each integer sent, int64 [block]."""
        return counters.order(self.loops)

    @property
    def moves(self) -> bool:
        """Whether the order differs from that in which the integers come."""
        return len(self.loops) > 1

    @property
    def in_lanes(self) -> bool:
        """Whether registers hold the block, because its words do not stay whole or a word is a block."""
        return counters.lanes(self.loops) % self.pe != 0 or self.pe == self.block

    @property
    def words(self) -> int:
        """Words of a block."""
        return self.block // self.pe

    @property
    def stream(self) -> Stream:
        return Stream(self.pe, self.bits, self.signed)

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", self.stream, self.blocks * self.words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        return (Port("m", self.stream, self.blocks * self.words),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        blocks = words[0].reshape(-1, self.block)
        return (blocks[:, self.order].reshape(len(words[0]), -1, self.pe),)

    @property
    def block_ram(self) -> bool:
        words = 2 * self.words
        return not self.in_lanes and words > LUT_RAM_WORDS and words * self.stream.data_bits > LUT_RAM_BITS

    def cycles(self) -> Cycles:
        """A block is sent once it has come."""
        if self.in_lanes:
            return Cycles(interval=self.inputs[0].words, latency=self.words + (self.words > 1))
        return Cycles(interval=self.inputs[0].words, latency=self.words + 1 + self.block_ram)

    def tokens(self) -> Tokens:
        if self.in_lanes:
            return conversion(self.words, self.words)
        return by_blocks(self.words, self.words, self.block_ram)

    def fold_limits(self) -> dict[str, int]:
        spread = self.block * self.bits <= REGISTER_BITS
        return {"pe": self.block if spread else counters.lanes(self.loops)}

    @property
    def module(self) -> str:
        return "lane_reorder" if self.in_lanes else "reorder"

    def verilog_parameters(self) -> dict[str, int]:
        if self.in_lanes:
            given = {"BITS": self.bits, "LANES": self.pe, "WORDS": self.words}
            return given | counters.parameters(self.loops, "STRIDE")
        given = {"DATA_BITS": self.stream.data_bits, "BLOCK": self.words, "BLOCKS": self.blocks}
        loops = counters.in_words(self.loops, self.pe)
        return given | counters.parameters(loops) | {"BLOCK_RAM": int(self.block_ram)}

    def resources(self, family: str) -> Resources:
        if self.in_lanes:
            return self._registers(family)
        return memory_resources(
            counters.in_words(self.loops, self.pe), self.words, self.blocks, self.stream.data_bits, family
        )

    def _registers(self, family: str) -> Resources:
        """What gathers and gives a block takes."""
        word = self.stream.word_bits
        if self.words == 1:
            return Resources(lut=slice_luts(word), ff=2 * word + 2)
        data = self.stream.data_bits
        return width_up(data, self.words, family) + width_down(data, self.words, family)


def memory_resources(loops: counters.Loops, block: int, blocks: int, data_bits: int, family: str) -> Resources:
    """Return what the RTL ``reorder`` takes.

    Args:
        loops: counters, in words.
        block: words of a block.
        blocks: blocks of a frame.
        data_bits: of a word.
        family: ``ecp5``, ``xc7`` or ``xcup``.
    """
    address = (2 * block - 1).bit_length()
    digits = counters.count_bits(loops) + (blocks - 1).bit_length()
    ram = 2 * block > LUT_RAM_WORDS and 2 * block * data_bits > LUT_RAM_BITS
    counted = (2 * block, blocks, *(size for size, _ in loops))
    moves = 2.2 * address + 5.4 * len(loops) if family == "ecp5" else 1.3 * (address + len(loops)) + 8
    logic = sum(counter(values, family) for values in counted) + round(moves)
    registers = digits + 2 * address + data_bits + (7 if ram else 5)
    if ram:
        return Resources(lut=logic, ff=registers, bram=block_rams(2 * block, data_bits))
    return Resources(lut=logic + ram_luts(2 * block, data_bits, family), ff=registers)


def by_blocks(words: int, sent: int, block_ram: bool) -> Tokens:
    """Return the token model of the RTL ``reorder``: ``words`` of a block, once all are there, are sent as ``sent``."""
    block, give = {"blocks": words}, {"m0": 1}
    between = (Phase(give=give, times=sent - 2),) if sent > 2 else ()
    reads = (Phase(need=block, give=give), *between, Phase(take=block, give=give))
    links = {"m0": registers(1 + block_ram), "blocks": Link(2 * words)}
    return Tokens(links, ((move("s0", "blocks"),), reads))
