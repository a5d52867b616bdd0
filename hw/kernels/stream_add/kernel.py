"""Stream add: the weighted sum of two streams."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Self

import numpy as np

from codesign.graph.operators.add import Add
from hw.design.stream import Port, Stream
from hw.kernels.cost import adder, slice_luts
from hw.kernels.kernel import Cycles, Kernel, Resources, must
from hw.kernels.padding import Padding
from hw.kernels.tokens import SLICE, Phase, Tokens, move, registers

SHIFTS = 3
"""Bits set in a coefficient up to which it is shifts and adds, not a multiplication."""


@dataclass(frozen=True)
class StreamAdd(Kernel):
    """``a * x + b * y`` of two streams of one shape: the operator Add, and the joint of a residual connection.

    Attributes:
        channels: integers of a position.
        positions: positions of a frame.
        x_bits, x_signed: integers of the first stream.
        y_bits, y_signed: integers of the second stream.
        coefficients: (a, b).
        bits, signed: integers of the sum, which must hold all that occur.
        pe: channels a word.
    """

    channels: int
    positions: int
    x_bits: int
    x_signed: bool
    y_bits: int
    y_signed: bool
    coefficients: tuple[int, int]
    bits: int
    signed: bool
    pe: int = 1

    rtl = ("stream_add.sv", "constant_multiply.sv", "../register_slice/register_slice.sv")
    folds = ("pe",)

    def __post_init__(self) -> None:
        for name in ("channels", "positions", "x_bits", "y_bits", "bits", "pe"):
            must(getattr(self, name) >= 1, f"StreamAdd {name} must be at least 1, not {getattr(self, name)}")
        must(self.channels % self.pe == 0, f"StreamAdd PE must divide channels={self.channels}, not {self.pe}")
        must(
            max(map(abs, self.coefficients)) < 2**31,
            f"StreamAdd coefficients must fit 32 bits, not {self.coefficients}",
        )

    @property
    def staged(self) -> bool:
        """Whether a product is more than a shift."""
        return any(abs(c) & (abs(c) - 1) for c in self.coefficients)

    @property
    def words(self) -> int:
        return self.positions * self.channels // self.pe

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (
            Port("s0", Stream(self.pe, self.x_bits, self.x_signed), self.words),
            Port("s1", Stream(self.pe, self.y_bits, self.y_signed), self.words),
        )

    @property
    def outputs(self) -> tuple[Port, ...]:
        return (Port("m", Stream(self.pe, self.bits, self.signed), self.words),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        return (Add(inputs=("x", "y"), output="sum", coefficients=self.coefficients).run(*words),)

    def cycles(self) -> Cycles:
        return Cycles(interval=self.words, latency=2 + self.staged)

    def tokens(self) -> Tokens:
        both = Phase(take={"x": 1, "y": 1}, give={"m0": 1})
        links = {"m0": registers(1 + self.staged), "x": SLICE, "y": SLICE}
        return Tokens(links, ((move("s0", "x"),), (move("s1", "y"),), (both,)))

    def padded(self, channels_in: Padding, channels_out: Padding) -> Self | None:
        if not channels_in.fits(self.channels):
            return None
        return dataclasses.replace(self, channels=channels_in.channels(self.channels))

    def fold_limits(self) -> dict[str, int]:
        return {"pe": self.channels}

    def resources(self, family: str) -> Resources:
        x, y, out = self.pe * self.x_bits, self.pe * self.y_bits, self.pe * self.bits
        dsps = sum(abs(c).bit_count() > SHIFTS for c in self.coefficients)
        logic = slice_luts(x + 1) + slice_luts(y + 1) + self.pe * self._adders(family, dsps > 0)
        if family == "ecp5":
            logic += 5 if self.staged else 3
        total = Resources(lut=logic, ff=2 * (x + y) + out + 8)
        if not self.staged:
            return total
        taken = x + y + 3 * out if dsps and family == "xc7" else 0  # registers that the DSPs have
        return total + Resources(ff=2 * out + 2 - taken, dsp=self.pe * dsps)

    def _adders(self, family: str, dsp: bool) -> int:
        """LUTs of a lane's adders; xc7's DSP takes the last one along, and a carry alone costs AMD no LUT."""
        ecp5, total = family == "ecp5", 0
        if ecp5:
            passed = max((c & -c).bit_length() - 1 for c in self.coefficients)
            total += adder(self.bits - passed, family)
        elif not (dsp and family == "xc7"):
            total += min(self.x_bits, self.y_bits) if not self.staged else self.bits - 2
        for coefficient, bits in zip(self.coefficients, (self.x_bits, self.y_bits), strict=True):
            ones = abs(coefficient).bit_count()
            if ones <= SHIFTS:
                total += (ones - 1) * (adder(bits + 1, family) + 1 if ecp5 else bits - 1)
                total += (coefficient < 0) * (adder(self.bits, family) if ecp5 else self.bits // 2) * (ones > 1)
        return total

    def verilog_parameters(self) -> dict[str, int]:
        return {
            "LANES": self.pe,
            "X_BITS": self.x_bits,
            "Y_BITS": self.y_bits,
            "X_SIGNED": int(self.x_signed),
            "Y_SIGNED": int(self.y_signed),
            "A": self.coefficients[0],
            "B": self.coefficients[1],
            "BITS": self.bits,
            "STAGED": int(self.staged),
        }
