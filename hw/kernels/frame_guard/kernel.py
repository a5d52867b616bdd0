"""Frame guard: makes frames as long as they must be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hw.design.stream import Port, Stream
from hw.kernels.cost import counter
from hw.kernels.kernel import Cycles, Kernel, Resources, must


@dataclass(frozen=True)
class FrameGuard(Kernel):
    """Fill up a frame that ends early, drop what a frame has too much, and say so.

    Infrastructure: the lowering puts one at every input of a design, so that all frames inside are whole.

    Attributes:
        stream: the words' form.
        words: words in a frame.
    """

    stream: Stream
    words: int

    rtl = ("frame_guard.sv", "../register_slice/register_slice.sv")
    flags = ("frame_error",)

    def __post_init__(self) -> None:
        must(self.words >= 1, f"FrameGuard words must be at least 1, not {self.words}")

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
        """Those of a register slice, a gate a bit, a counter and a few gates."""
        word, control = self.stream.word_bits, 13 if family == "ecp5" else 6
        digits = max(1, (self.words - 1).bit_length())
        return Resources(lut=2 * word + counter(self.words, family) + control, ff=2 * word + digits + 5)

    def verilog_parameters(self) -> dict[str, int]:
        return {"WORD_BITS": self.stream.word_bits, "WORDS": self.words}
