"""For tests of the weight-load port: a kernel that adds loaded constants, and a design of such kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hw.design.design import BOUNDARY, Design, End
from hw.design.stream import Port, Stream
from hw.kernels.frame_guard.kernel import FrameGuard
from hw.kernels.kernel import Cycles, Kernel, Load, Resources

SETS, POSITIONS, CHANNELS = 3, 2, 2
WORDS = SETS * POSITIONS * CHANNELS
"""Of a frame of ``chain``."""
KINDS = ("once", "each", "once", "each")
"""A start packet passes the second, ends in the third, and the last one never sees it."""


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
        return Cycles(self.words, 1, self.constants.size if self.each_frame else 0)

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


def constants(seed: int, sets: int, channels: int) -> np.ndarray:
    """Return int64 [sets, channels]."""
    return np.random.default_rng(seed).integers(-100, 100, (sets, channels))


def chain(kinds: tuple[str, ...] = KINDS, seed: int = 1) -> Design:
    """Return a guard and kernels that add loaded constants, one behind the other; words of 8 bits in.

    Args:
        kinds: of each kernel, ``once`` or ``each``: whether its constants are loaded once or in every frame.
        seed: of the constants.
    """
    design = Design("loaded", {"guard": FrameGuard(Stream(1, 8, signed=True), WORDS)})
    for index, kind in enumerate(kinds):
        each = kind == "each"
        sets, channels = (SETS, CHANNELS) if each else (1, WORDS // 2)
        positions = WORDS // sets // channels
        design.kernels[f"add{index}"] = LoadedAdd(constants(seed + index, sets, channels), positions, 8 + index, each)
    names = ["guard", *(f"add{index}" for index in range(len(kinds))), BOUNDARY]
    design.edges |= {End(target): End(source) for source, target in zip([BOUNDARY, *names], names, strict=False)}
    return design


def sums(design: Design, x: np.ndarray) -> np.ndarray:
    """Return what must come out of a ``chain`` for x, int64 [frames, words, 1], from the constants alone."""
    total = x.copy()
    for kernel in design.kernels.values():
        if isinstance(kernel, LoadedAdd):
            sets, channels = kernel.constants.shape
            for word in range(WORDS):
                total[:, word] += kernel.constants[word * sets // WORDS, word % channels]
    return total
