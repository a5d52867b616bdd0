"""Register slice: a stream's timing cut in two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hw.design.stream import Port, Stream
from hw.kernels.cost import slice_luts
from hw.kernels.kernel import Cycles, Kernel, Resources, must


@dataclass(frozen=True)
class RegisterSlice(Kernel):
    """Pass a stream on through registers, so that no path leads from one side to the other.

    Attributes:
        stream: the words' form.
        words: words in a frame.
    """

    stream: Stream
    words: int

    rtl = ("register_slice.sv",)

    def __post_init__(self) -> None:
        must(self.words >= 1, f"RegisterSlice words must be at least 1, not {self.words}")

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", self.stream, self.words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        return (Port("m", self.stream, self.words),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        return words

    def cycles(self) -> Cycles:
        return Cycles(interval=self.words, latency=1)

    def resources(self, family: str) -> Resources:
        """A word to show and a spare one."""
        return Resources(lut=slice_luts(self.stream.word_bits), ff=2 * self.stream.word_bits + 2)

    def verilog_parameters(self) -> dict[str, int]:
        return {"WORD_BITS": self.stream.word_bits}
