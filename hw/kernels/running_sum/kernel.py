"""Running sum: sums of each channel along an axis, as far as the axis has come."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Self

import numpy as np

from codesign.graph.operators.cum_sum import CumSum
from hw.design.stream import Port, Stream
from hw.kernels.cost import adder, counter, slice_luts
from hw.kernels.kernel import Cycles, Kernel, Resources, must
from hw.kernels.padding import Padding
from hw.kernels.stream_fifo.kernel import StreamFifo
from hw.kernels.tokens import SLICE, Tokens, move, registers

REGISTERS = 4
"""Words a step up to which registers hold the sums so far."""


@dataclass(frozen=True)
class RunningSum(Kernel):
    """The operator CumSum along any spatial axis of a frame, which is ``lines`` x ``steps`` x ``positions`` x channels.

    Attributes:
        channels: integers of a position.
        lines: how often the sums begin anew in a frame.
        steps: positions along the axis.
        bits, signed: integers of the input.
        out_bits: bits of a sum, which must hold all that occur; signed where the input is.
        exclusive: a sum leaves its own step out.
        positions: positions of a step, those along inner axes.
        pe: channels a word.
    """

    channels: int
    lines: int
    steps: int
    bits: int
    signed: bool
    out_bits: int
    exclusive: bool = False
    positions: int = 1
    pe: int = 1

    rtl = ("running_sum.sv", "../stream_fifo/stream_fifo.sv", "../register_slice/register_slice.sv")
    folds = ("pe",)

    def __post_init__(self) -> None:
        for name in ("channels", "lines", "steps", "bits", "out_bits", "positions", "pe"):
            must(getattr(self, name) >= 1, f"RunningSum {name} must be at least 1, not {getattr(self, name)}")
        must(self.channels % self.pe == 0, f"RunningSum PE must divide channels={self.channels}, not {self.pe}")

    @property
    def words_per_step(self) -> int:
        return self.positions * self.channels // self.pe

    @property
    def line(self) -> StreamFifo:
        """The FIFO that holds the sums so far: room for a step's, and one in while one goes out."""
        sums = Stream(1, max(1, self.pe * self.out_bits - 1))
        return StreamFifo(sums, self.words_per_step, self.words_per_step + 2)

    @property
    def words(self) -> int:
        """Words of a frame, on either side."""
        return self.lines * self.steps * self.words_per_step

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", Stream(self.pe, self.bits, self.signed), self.words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        return (Port("m", Stream(self.pe, self.out_bits, self.signed), self.words),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        """Every line is a frame of the operator, a step's positions and channels being its channels."""
        operator = CumSum(inputs=("x",), output="y", axis=0, size=self.steps, exclusive=self.exclusive)
        lines = words[0].reshape(-1, self.steps, self.positions * self.channels)
        return (operator.run(lines).reshape(words[0].shape),)

    def cycles(self) -> Cycles:
        """A word in a cycle; it shows two cycles after it was taken."""
        return Cycles(interval=self.words, latency=2)

    def tokens(self) -> Tokens:
        return Tokens({"m0": registers(), "x": SLICE}, ((move("s0", "x"),), (move("x", "m0"),)))

    def padded(self, channels_in: Padding, channels_out: Padding) -> Self | None:
        if not channels_in.fits(self.channels):
            return None
        return dataclasses.replace(self, channels=channels_in.channels(self.channels))

    def fold_limits(self) -> dict[str, int]:
        return {"pe": self.channels}

    def resources(self, family: str) -> Resources:
        word, sums = self.pe * self.bits + 1, self.pe * self.out_bits
        values = (self.words_per_step, self.steps)
        counters = sum((value - 1).bit_length() for value in values)
        # Where nothing but a carry is added, AMD's carry chain needs no LUT.
        added = self.out_bits if self.signed or family == "ecp5" else min(self.bits, self.out_bits)
        logic = slice_luts(word) + self.pe * adder(added, family) + sum(counter(n, family) for n in values) + 3
        total = Resources(lut=logic, ff=2 * word + sums + counters + 4)
        if self.words_per_step <= REGISTERS:
            return total + Resources(ff=self.words_per_step * sums)
        return total + Resources(lut=sums + 6) + self.line.resources(family)

    def verilog_parameters(self) -> dict[str, int | str]:
        fifo = self.words_per_step > REGISTERS
        return {
            "LANES": self.pe,
            "FOLDS": self.words_per_step,
            "STEPS": self.steps,
            "BITS": self.bits,
            "SIGNED": int(self.signed),
            "OUT_BITS": self.out_bits,
            "EXCLUSIVE": int(self.exclusive),
            "DEPTH": self.line.capacity if fifo else 8,
            "FORM": self.line.form if fifo else "lut",
        }
