"""Pad: a frame with a constant around it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from math import prod
from typing import Self

import numpy as np

from codesign.graph import bits_for
from codesign.graph.operators.pad import Pad as Operator
from hw.design.stream import Port, Stream
from hw.kernels.cost import counter
from hw.kernels.kernel import Cycles, Kernel, Resources, must
from hw.kernels.padding import Padding
from hw.kernels.tokens import Link, Phase, Tokens, move, registers, runs

PARAMETER_BITS = 32


@dataclass(frozen=True)
class Pad(Kernel):
    """The operator Pad; words come in raster order, channels innermost, ``pe`` channels each.

    Attributes:
        shape: spatial input shape, (T,) or (H, W).
        channels: integers of a position.
        bits, signed: integers of the input.
        pads: (before, after) along each spatial axis.
        value: the constant. The output is as wide as the input, or wider where the constant needs it.
        pe: channels a word.
    """

    shape: tuple[int, ...]
    channels: int
    bits: int
    signed: bool
    pads: tuple[tuple[int, int], ...]
    value: int = 0
    pe: int = 1

    rtl = ("pad.sv",)
    folds = ("pe",)

    def __post_init__(self) -> None:
        must(len(self.shape) in (1, 2), f"Pad shape must have 1 or 2 axes, not {self.shape}")
        must(min(*self.shape, self.channels, self.bits) >= 1, f"Pad shape must be positive, not {self.shape}")
        must(
            len(self.pads) == len(self.shape) and min(p for pads in self.pads for p in pads) >= 0,
            f"Pad pads must be (before, after), not negative, for each of {len(self.shape)} axes, not {self.pads}",
        )
        must(
            self.pe > 0 and self.channels % self.pe == 0, f"Pad PE must divide channels={self.channels}, not {self.pe}"
        )
        low = -(1 << (PARAMETER_BITS - 1))
        must(low <= self.value < -low, f"Pad value must fit {PARAMETER_BITS} bits, not {self.value}")

    @property
    def out_shape(self) -> tuple[int, ...]:
        """Spatial shape of the output."""
        return tuple(n + before + after for n, (before, after) in zip(self.shape, self.pads, strict=True))

    @property
    def words_per_position(self) -> int:
        return self.channels // self.pe

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", Stream(self.pe, self.bits, self.signed), prod(self.shape) * self.words_per_position),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        given = Stream(1, self.bits, self.signed)
        bits, signed = bits_for(min(given.low, self.value), max(given.high, self.value))
        return (Port("m", Stream(self.pe, bits, signed), prod(self.out_shape) * self.words_per_position),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        frames = words[0].reshape(-1, *self.shape, self.channels)
        padded = Operator(inputs=("x",), output="y", pads=self.pads, value=self.value).run(frames)
        return (padded.reshape(len(frames), -1, self.pe),)

    def cycles(self) -> Cycles:
        """A word out in a cycle."""
        return Cycles(interval=self.outputs[0].words, latency=1)

    def tokens(self) -> Tokens:
        (top, bottom), (left, right) = self._rows_and_columns
        height, width = (1, *self.shape)[-2:]
        inside = np.zeros((top + height + bottom, left + width + right, self.words_per_position), bool)
        inside[top : top + height, left : left + width] = True
        first, *others = (
            move("spare", "m0", times) if flag else Phase(give={"m0": 1}, times=times)
            for flag, times in runs(inside.reshape(-1))
        )
        begin = dataclasses.replace(first, need={"spare": 1}, times=1)
        more = (dataclasses.replace(first, times=first.times - 1),) if first.times > 1 else ()
        sends = (begin, *more, *others)
        # A word that comes can be sent at once.
        return Tokens({"m0": registers(), "spare": Link(1, forward=0)}, ((move("s0", "spare"),), sends))

    def padded(self, channels_in: Padding, channels_out: Padding) -> Self | None:
        if not channels_in.fits(self.channels):
            return None
        return dataclasses.replace(self, channels=channels_in.channels(self.channels))

    def fold_limits(self) -> dict[str, int]:
        return {"pe": self.channels}

    @property
    def _rows_and_columns(self) -> tuple[tuple[int, int], tuple[int, int]]:
        return ((0, 0), *self.pads)[-2:]  # type: ignore[return-value]

    def resources(self, family: str) -> Resources:
        """A word to show, a spare one, and the coordinates of what is sent."""
        word, out = self.pe * self.bits, self.outputs[0].stream.data_bits
        rows = (1, *self.out_shape)[-2]
        counters = (self.out_shape[-1] * self.words_per_position - 1).bit_length() + (rows - 1).bit_length()
        counting = sum(counter(n, family) for n in (rows, self.out_shape[-1] * self.words_per_position))
        return Resources(lut=counting + out + (20 if family == "ecp5" else 11), ff=word + out + 1 + counters + 5)

    def verilog_parameters(self) -> dict[str, int | str]:
        (top, bottom), (left, right) = self._rows_and_columns
        height, width = (1, *self.shape)[-2:]
        return {
            "LANES": self.pe,
            "BITS": self.bits,
            "SIGNED": int(self.signed),
            "OUT_BITS": self.outputs[0].stream.bits,
            "VALUE": self.value,
            "HEIGHT": height,
            "WIDTH": width * self.words_per_position,
            "TOP": top,
            "BOTTOM": bottom,
            "LEFT": left * self.words_per_position,
            "RIGHT": right * self.words_per_position,
        }
