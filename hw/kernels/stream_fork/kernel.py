"""Stream fork: one stream copied to several."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hw.design.stream import Port, Stream
from hw.kernels.kernel import Cycles, Kernel, Resources, must
from hw.kernels.tokens import SLICE, Phase, Tokens


@dataclass(frozen=True)
class StreamFork(Kernel):
    """Copy every word of one stream to ``copies`` streams.

    The slowest consumer sets the rate. Infrastructure: the lowering puts one wherever a tensor has several readers.

    Attributes:
        stream: the words' form.
        words: words in a frame.
        copies: number of outputs, at least 2.
    """

    stream: Stream
    words: int
    copies: int

    rtl = ("stream_fork.sv",)

    def __post_init__(self) -> None:
        must(self.copies >= 2, f"StreamFork copies must be at least 2, not {self.copies}")
        must(self.words >= 1, f"StreamFork words must be at least 1, not {self.words}")

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", self.stream, self.words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        return (Port("m", self.stream, self.words),) * self.copies

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        return words * self.copies

    def cycles(self) -> Cycles:
        """A word a cycle; a word shows at the outputs one cycle after it was taken."""
        return Cycles(interval=self.words, latency=1)

    def tokens(self) -> Tokens:
        copies = [f"m{i}" for i in range(self.copies)]
        return Tokens(dict.fromkeys(copies, SLICE), ((Phase(take={"s0": 1}, give=dict.fromkeys(copies, 1)),),))

    def resources(self, family: str) -> Resources:
        """A register a bit and output, and one spare register a bit."""
        bits = self.stream.word_bits
        logic = self.copies * (bits + 7) - 1 if family == "ecp5" else self.copies * (bits + 3)
        return Resources(lut=logic, ff=(self.copies + 1) * bits + 2 * self.copies)

    def verilog_parameters(self) -> dict[str, int]:
        return {"WORD_BITS": self.stream.word_bits, "COPIES": self.copies}
