"""Global sum: each channel summed over a frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operators.global_sum import GlobalSum as Operator
from hw.design.stream import Port, Stream
from hw.kernels.kernel import Cycles, Kernel, Resources, must
from hw.kernels.stream_fifo.kernel import StreamFifo

REGISTERS = 4
"""Words a position up to which registers hold the sums."""


@dataclass(frozen=True)
class GlobalSum(Kernel):
    """The operator GlobalSum; words come and go channels innermost, ``pe`` channels each.

    Attributes:
        channels: integers of a position.
        positions: positions of a frame.
        bits, signed: integers of the input.
        out_bits: bits of a sum, which must hold all that occur; signed where the input is.
        pe: channels a word.
    """

    channels: int
    positions: int
    bits: int
    signed: bool
    out_bits: int
    pe: int = 1

    rtl = ("global_sum.sv", "../stream_fifo/stream_fifo.sv", "../register_slice/register_slice.sv")
    folds = ("pe",)

    def __post_init__(self) -> None:
        for name in ("channels", "positions", "bits", "out_bits", "pe"):
            must(getattr(self, name) >= 1, f"GlobalSum {name} must be at least 1, not {getattr(self, name)}")
        must(self.channels % self.pe == 0, f"GlobalSum PE must divide channels={self.channels}, not {self.pe}")

    @property
    def words_per_position(self) -> int:
        return self.channels // self.pe

    @property
    def line(self) -> StreamFifo:
        """The FIFO that holds the sums: room for a position's, and one in while one goes out."""
        sums = Stream(1, max(1, self.pe * self.out_bits - 1))
        return StreamFifo(sums, self.words_per_position, self.words_per_position + 2)

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", Stream(self.pe, self.bits, self.signed), self.positions * self.words_per_position),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        return (Port("m", Stream(self.pe, self.out_bits, self.signed), self.words_per_position),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        tensor = words[0].reshape(-1, self.positions, self.channels)
        sums = Operator(inputs=("x",), output="sum", positions=self.positions).run(tensor)
        return (sums.reshape(-1, self.words_per_position, self.pe),)

    def cycles(self) -> Cycles:
        """A word in a cycle; the first sum shows two cycles after its last word was taken."""
        before = (self.positions - 1) * self.words_per_position
        return Cycles(interval=self.positions * self.words_per_position, latency=before + 2)

    def hold(self) -> int:
        return self.cycles().latency

    def fold_limits(self) -> dict[str, int]:
        return {"pe": self.channels}

    def resources(self, family: str) -> Resources:
        word, sums = self.pe * self.bits + 1, self.pe * self.out_bits
        counters = (self.words_per_position - 1).bit_length() + (self.positions - 1).bit_length()
        adders, counting = (2, 3) if family == "ecp5" else (1, 2)
        logic = word + adders * sums + counting * counters + 12
        total = Resources(lut=logic, ff=2 * word + sums + counters + 3)
        if self.words_per_position <= REGISTERS:
            return total + Resources(ff=self.words_per_position * sums)
        return total + self.line.resources(family)

    def verilog_parameters(self) -> dict[str, int | str]:
        fifo = self.words_per_position > REGISTERS
        return {
            "LANES": self.pe,
            "FOLDS": self.words_per_position,
            "POSITIONS": self.positions,
            "BITS": self.bits,
            "SIGNED": int(self.signed),
            "OUT_BITS": self.out_bits,
            "DEPTH": self.line.capacity if fifo else 8,
            "FORM": self.line.form if fifo else "lut",
        }
