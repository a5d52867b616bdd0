"""Stream multiply: the product of two streams."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from math import ceil, prod
from typing import Self

import numpy as np

from codesign.graph.operators.mul import Mul
from hw.design.stream import Port, Stream
from hw.kernels.cost import slice_luts
from hw.kernels.kernel import Cycles, Kernel, Resources, must
from hw.kernels.memory.memory import LUT_INPUTS
from hw.kernels.padding import Padding
from hw.kernels.tokens import SLICE, Phase, Tokens, move, registers

SOFT_BITS = 4
"""Factors up to which yosys is told to build the product of logic."""
LEAST_BITS = 9
"""Narrowest product for which it spends one of AMD's DSPs."""
MOST_BITS = 18
"""Widest factor that one DSP takes."""


@dataclass(frozen=True)
class StreamMultiply(Kernel):
    """``x * y`` of two streams of one shape: the operator Mul, and the joint of a gate.

    Attributes:
        channels: integers of a position.
        positions: positions of a frame.
        x_bits, x_signed: integers of the first stream.
        y_bits, y_signed: integers of the second stream.
        bits, signed: integers of the product, which must hold all that occur.
        pe: channels a word.
    """

    channels: int
    positions: int
    x_bits: int
    x_signed: bool
    y_bits: int
    y_signed: bool
    bits: int
    signed: bool
    pe: int = 1

    rtl = ("stream_multiply.sv", "../register_slice/register_slice.sv")
    folds = ("pe",)

    def __post_init__(self) -> None:
        for name in ("channels", "positions", "x_bits", "y_bits", "bits", "pe"):
            must(getattr(self, name) >= 1, f"StreamMultiply {name} must be at least 1, not {getattr(self, name)}")
        must(self.channels % self.pe == 0, f"StreamMultiply PE must divide channels={self.channels}, not {self.pe}")

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
        return (Mul(inputs=("x", "y"), output="product").run(*words),)

    def cycles(self) -> Cycles:
        return Cycles(interval=self.words, latency=2)

    def tokens(self) -> Tokens:
        both = Phase(take={"x": 1, "y": 1}, give={"m0": 1})
        links = {"m0": registers(), "x": SLICE, "y": SLICE}
        return Tokens(links, ((move("s0", "x"),), (move("s1", "y"),), (both,)))

    def padded(self, channels_in: Padding, channels_out: Padding) -> Self | None:
        if not channels_in.fits(self.channels):
            return None
        return dataclasses.replace(self, channels=channels_in.channels(self.channels))

    def fold_limits(self) -> dict[str, int]:
        return {"pe": self.channels}

    def resources(self, family: str) -> Resources:
        """Two slices, an output register and the multipliers; the DSP of xc7 takes the registers around it along."""
        x, y, out = self.pe * self.x_bits, self.pe * self.y_bits, self.pe * self.bits
        total = Resources(lut=slice_luts(x + 1) + slice_luts(y + 1) + 4, ff=2 * (x + y) + out + 8)
        factors = (self.x_bits, self.x_signed), (self.y_bits, self.y_signed)
        if (1, False) in factors:
            return total
        widths = [bits + (not signed and self.x_signed + self.y_signed > 0) for bits, signed in factors]
        if max(widths) <= SOFT_BITS or (family != "ecp5" and self.x_bits + self.y_bits < LEAST_BITS):
            return total + Resources(lut=self.pe * self._soft_product(family))
        dsps = self.pe * prod(max(1, ceil((width - 1) / (MOST_BITS - 1))) for width in widths)
        return total + Resources(ff=-(x + y + out) if family == "xc7" else 0, dsp=dsps)

    def _soft_product(self, family: str) -> int:
        """LUTs of a lane's product: a table a bit where a LUT or two have as many inputs, else partial products."""
        spare = self.x_bits + self.y_bits - LUT_INPUTS[family]
        if spare <= 1:
            return self.bits << max(0, spare)
        return self.x_bits * self.y_bits * (16 if family == "ecp5" else 6) // 4

    def verilog_parameters(self) -> dict[str, int]:
        return {
            "LANES": self.pe,
            "X_BITS": self.x_bits,
            "Y_BITS": self.y_bits,
            "X_SIGNED": int(self.x_signed),
            "Y_SIGNED": int(self.y_signed),
            "BITS": self.bits,
        }
