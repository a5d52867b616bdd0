"""Stream concat: two streams in turn."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np

from codesign.graph.operators.concat import Concat
from hw.design.stream import Port, Stream
from hw.kernels.cost import counter
from hw.kernels.kernel import Cycles, Kernel, Resources, must
from hw.kernels.tokens import SLICE, Tokens, move


@dataclass(frozen=True)
class StreamConcat(Kernel):
    """The operator Concat of two tensors: in each of ``rounds``, ``a`` integers of the first, then ``b`` of the second.

    Attributes:
        a, b: integers that a turn takes of each; those inside the axis of concatenation, that axis included.
        rounds: turns of each in a frame; the positions outside the axis.
        x_bits, x_signed: integers of the first stream.
        y_bits, y_signed: integers of the second stream.
        bits, signed: integers of the output, which must hold both.
        pe: integers a word.
    """

    a: int
    b: int
    rounds: int
    x_bits: int
    x_signed: bool
    y_bits: int
    y_signed: bool
    bits: int
    signed: bool
    pe: int = 1

    rtl = ("stream_concat.sv",)
    folds = ("pe",)

    def __post_init__(self) -> None:
        for name in ("a", "b", "rounds", "x_bits", "y_bits", "pe"):
            must(getattr(self, name) >= 1, f"StreamConcat {name} must be at least 1, not {getattr(self, name)}")
        limit = self.fold_limits()["pe"]
        must(limit % self.pe == 0, f"StreamConcat PE must divide {limit}, not be {self.pe}")
        out = self.outputs[0].stream
        for port in self.inputs:
            must(
                out.low <= port.stream.low and port.stream.high <= out.high,
                f"StreamConcat output must hold {port.stream}, which {self.bits} bits, signed {self.signed}, do not",
            )

    @property
    def turns(self) -> tuple[int, int]:
        """Words of a turn of each stream."""
        return self.a // self.pe, self.b // self.pe

    @property
    def inputs(self) -> tuple[Port, ...]:
        a, b = self.turns
        return (
            Port("s0", Stream(self.pe, self.x_bits, self.x_signed), self.rounds * a),
            Port("s1", Stream(self.pe, self.y_bits, self.y_signed), self.rounds * b),
        )

    @property
    def outputs(self) -> tuple[Port, ...]:
        return (Port("m", Stream(self.pe, self.bits, self.signed), self.rounds * sum(self.turns)),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        turns = [x.reshape(-1, self.rounds, n) for x, n in zip(words, (self.a, self.b), strict=True)]
        joined = Concat(inputs=("x", "y"), output="z", axis=-1).run(*turns)
        return (joined.reshape(len(words[0]), -1, self.pe),)

    def cycles(self) -> Cycles:
        return Cycles(interval=self.outputs[0].words, latency=1)

    def tokens(self) -> Tokens:
        a, b = self.turns
        return Tokens({"m0": SLICE}, ((move("s0", "m0", a), move("s1", "m0", b)),))

    def fold_limits(self) -> dict[str, int]:
        return {"pe": gcd(self.a, self.b)}

    def resources(self, family: str) -> Resources:
        word, count = self.pe * self.bits + 1, (max(self.turns) - 1).bit_length()
        logic = 3 * word + 10 if family == "ecp5" else 2 * word + 8
        return Resources(lut=logic + counter(max(self.turns), family), ff=2 * word + 3 + count)

    def verilog_parameters(self) -> dict[str, int]:
        a, b = self.turns
        return {
            "LANES": self.pe,
            "A": a,
            "B": b,
            "X_BITS": self.x_bits,
            "Y_BITS": self.y_bits,
            "X_SIGNED": int(self.x_signed),
            "Y_SIGNED": int(self.y_signed),
            "BITS": self.bits,
        }
