"""A kernel for tests of the weight-load port: it adds constants that are loaded, once or in every frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hw.design.stream import Port, Stream
from hw.kernels.kernel import Cycles, Kernel, Load, Resources


@dataclass(frozen=True, eq=False)
class LoadedAdd(Kernel):
    """Words in and out: positions, channels innermost, one a word; the frame's parts have a set each.

    Attributes:
        constants: int64 [sets, channels], added to each position of the set's part of the frame.
        positions: of each part.
        in_bits: of an input; the output has one more.
        each_frame: sets are loaded in every frame, however many there are.
    """

    constants: np.ndarray
    positions: int
    in_bits: int
    each_frame: bool = False

    rtl = ("loaded_add.sv", "../../kernels/register_slice/register_slice.sv")

    @property
    def words(self) -> int:
        """Words a frame."""
        return self.constants.size * self.positions

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", Stream(1, self.in_bits, signed=True), self.words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        return (Port("m", Stream(1, self.in_bits + 1, signed=True), self.words),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        sets, channels = self.constants.shape
        parts = words[0].reshape(len(words[0]), sets, self.positions, channels)
        return ((parts + self.constants[:, None]).reshape(words[0].shape),)

    def cycles(self) -> Cycles:
        return Cycles(self.words, 1)

    def resources(self, family: str) -> Resources:
        return Resources()

    def verilog_parameters(self) -> dict[str, int | str]:
        return {
            "CHANNELS": self.constants.shape[1],
            "POSITIONS": self.positions,
            "IN_BITS": self.in_bits,
            "OUT_BITS": self.in_bits + 1,
            "LOAD_EACH": int(self.each_frame),
        }

    def load(self) -> Load:
        """A word has a constant in its low bits, and above them what nobody reads."""
        bits = np.arange(self.constants.size, dtype=np.uint64).reshape(self.constants.shape) * np.uint64(
            0x9E3779B97F4A7C15
        )
        low = np.uint64((1 << self.in_bits + 1) - 1)
        return Load(bits & ~low | self.constants.astype(np.uint64) & low, self.each_frame)
