"""Top k: the largest channels of every position."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operators.top_k import TopK as Operator
from hw.design.stream import Port, Stream
from hw.kernels.cost import counter, slice_luts
from hw.kernels.kernel import Cycles, Kernel, Resources, must
from hw.kernels.tokens import SLICE, Link, Phase, Tokens, move, registers


@dataclass(frozen=True)
class TopK(Kernel):
    """The operator TopK; channels come one a word, and the ``k`` largest go out one a word.

    Attributes:
        channels: integers of a position.
        positions: positions of a frame.
        bits, signed: integers of the input.
        k: how many of a position go out.
        indices: whether their channels' numbers go out, or their values.
    """

    channels: int
    positions: int
    bits: int
    signed: bool
    k: int
    indices: bool

    rtl = ("top_k.sv", "../register_slice/register_slice.sv")

    def __post_init__(self) -> None:
        for name in ("channels", "positions", "bits"):
            must(getattr(self, name) >= 1, f"TopK {name} must be at least 1, not {getattr(self, name)}")
        must(1 <= self.k <= self.channels, f"TopK k must lie between 1 and channels={self.channels}, not be {self.k}")

    @property
    def index_bits(self) -> int:
        return max(1, (self.channels - 1).bit_length())

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", Stream(1, self.bits, self.signed), self.positions * self.channels),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        stream = Stream(1, self.index_bits) if self.indices else Stream(1, self.bits, self.signed)
        return (Port("m", stream, self.positions * self.k),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        tensor = words[0].reshape(-1, self.positions, self.channels)
        largest = Operator(inputs=("x",), output="largest", k=self.k, indices=self.indices).run(tensor)
        return (largest.reshape(-1, self.positions * self.k, 1),)

    def cycles(self) -> Cycles:
        """A word in a cycle; a position's first word shows three cycles after its last one was taken."""
        return Cycles(interval=self.positions * self.channels, latency=self.channels + 2)

    def tokens(self) -> Tokens:
        # A position's list moves on in the cycle in which the last word of the one before leaves.
        listed = Phase(take={"x": 1}, room={"whole": 1}, times=self.channels - 1)
        lists = (*((listed,) if self.channels > 1 else ()), move("x", "whole"))
        loads = (Phase(take={"whole": 1}, give={"m0": self.k}),)
        links = {"m0": Link(self.k, back=0), "x": SLICE, "whole": registers()}
        return Tokens(links, ((move("s0", "x"),), lists, loads))

    def resources(self, family: str) -> Resources:
        """A comparator and two registers an entry, which but for the first choose between two sources."""
        out, k = self.outputs[0].stream.bits, self.k
        entry = self.bits + self.indices * self.index_bits
        counters = self.index_bits + (self.positions - 1).bit_length()
        counting = counter(self.channels, family) + counter(self.positions, family)
        control = 8 * k + 6 if family == "ecp5" else 4 * k + 4
        return Resources(
            lut=slice_luts(self.bits + 1) + counting + k * self.bits + (k - 1) * (entry + out) + control,
            ff=2 * self.bits + 5 + counters + k * (entry + 1 + out) + k.bit_length(),
        )

    def verilog_parameters(self) -> dict[str, int]:
        return {
            "CHANNELS": self.channels,
            "POSITIONS": self.positions,
            "K": self.k,
            "BITS": self.bits,
            "SIGNED": int(self.signed),
            "INDICES": int(self.indices),
            "INDEX_BITS": self.index_bits,
        }
