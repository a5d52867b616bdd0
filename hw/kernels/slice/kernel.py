"""Slice: the integers inside a box of a frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import gcd, prod
from typing import NamedTuple

import numpy as np

from codesign.graph.operators.slice import Slice as Operator
from hw.design.stream import Port, Stream
from hw.kernels.cost import counter
from hw.kernels.kernel import Cycles, Kernel, Resources, must
from hw.kernels.tokens import Tokens, kept

LEVELS = 6
"""Axes that the RTL has."""


class Axis(NamedTuple):
    """One axis: its length, the first index kept, how many are, and the step from one to the next."""

    size: int
    start: int
    kept: int
    step: int

    @property
    def last(self) -> int:
        """Last index kept."""
        return self.start + (self.kept - 1) * self.step

    @property
    def whole(self) -> bool:
        return self.kept == self.size


def merged(axes: Iterable[Axis]) -> tuple[Axis, ...]:
    """Return the same box with the fewest axes: an axis kept whole is joined to the one outside it."""
    result: list[Axis] = []
    for axis in axes:
        if axis.size == 1:
            continue
        if result and axis.whole and result[-1].step == 1:
            size, start, kept, _ = result[-1]
            result[-1] = Axis(size * axis.size, start * axis.size, kept * axis.size, 1)
        else:
            result.append(axis)
    return tuple(result) or (Axis(1, 0, 1, 1),)


@dataclass(frozen=True)
class Slice(Kernel):
    """The operator Slice: drops all words but those at ``start, start + step, ...`` below ``stop`` along every axis.

    Attributes:
        shape: of a frame, channels last.
        starts, stops, steps: one for each axis, as in the operator.
        bits, signed: of an integer.
        pe: integers a word; words are kept or dropped whole.
    """

    shape: tuple[int, ...]
    starts: tuple[int, ...]
    stops: tuple[int, ...]
    steps: tuple[int, ...]
    bits: int
    signed: bool
    pe: int = 1

    rtl = ("stream_slice.sv",)
    folds = ("pe",)

    def __post_init__(self) -> None:
        must(self.bits >= 1, f"Slice bits must be at least 1, not {self.bits}")
        must(
            len(self.starts) == len(self.stops) == len(self.steps) == len(self.shape),
            f"Slice starts, stops and steps must have {len(self.shape)} axes as shape has, not "
            f"{self.starts}, {self.stops}, {self.steps}",
        )
        try:
            self.operator.shape(self.shape)
        except ValueError as error:
            must(False, str(error))
        limit = self.fold_limits()["pe"]
        must(self.pe >= 1 and limit % self.pe == 0, f"Slice PE must divide {limit}, not be {self.pe}")
        must(len(self.axes) <= LEVELS, f"Slice takes {LEVELS} axes that are cut, not {len(self.axes)}")

    @property
    def operator(self) -> Operator:
        return Operator(inputs=("x",), output="y", starts=self.starts, stops=self.stops, steps=self.steps)

    @cached_property
    def integer_axes(self) -> tuple[Axis, ...]:
        ranges = [range(*s.indices(n)) for s, n in zip(self.operator.slices, self.shape, strict=True)]
        return merged(
            Axis(n, r.start, len(r), r.step if len(r) > 1 else 1) for n, r in zip(self.shape, ranges, strict=True)
        )

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """Axes in words, outermost first."""
        *outer, inner = self.integer_axes
        if self.pe == 1:
            return self.integer_axes
        return merged([*outer, Axis(inner.size // self.pe, inner.start // self.pe, inner.kept // self.pe, 1)])

    @property
    def stream(self) -> Stream:
        return Stream(self.pe, self.bits, self.signed)

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", self.stream, prod(self.shape) // self.pe),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        return (Port("m", self.stream, prod(axis.kept for axis in self.axes)),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        kept = self.operator.run(words[0].reshape(-1, *self.shape))
        return (kept.reshape(len(words[0]), -1, self.pe),)

    @cached_property
    def places(self) -> np.ndarray:
        """Words of a frame before each word kept, int64 [output words]."""
        places, pitch = np.zeros((), np.int64), prod(axis.size for axis in self.axes)
        for axis in self.axes:
            pitch //= axis.size
            places = places[..., None] + (axis.start + np.arange(axis.kept) * axis.step) * pitch
        return places.reshape(-1)

    def cycles(self) -> Cycles:
        """A word in a cycle; one that is kept shows a cycle later."""
        return Cycles(interval=self.inputs[0].words, latency=int(self.places[0]) + 1)

    def tokens(self) -> Tokens:
        flags = np.zeros(self.inputs[0].words, bool)
        flags[self.places] = True
        return kept(flags)

    def fold_limits(self) -> dict[str, int]:
        inner = self.integer_axes[-1]
        return {"pe": gcd(inner.size, inner.start, inner.kept) if inner.step == 1 else 1}

    @property
    def module(self) -> str:
        return "stream_slice"

    def verilog_parameters(self) -> dict[str, int]:
        given = {"DATA_BITS": self.stream.data_bits}
        for index, axis in enumerate(reversed(self.axes)):
            values = {"SIZE": axis.size, "FIRST": axis.start, "LAST": axis.last, "STEP": axis.step}
            given |= {f"{name}_{index}": value for name, value in values.items()}
        return given

    def resources(self, family: str) -> Resources:
        """A register slice and, for each axis, a counter that is compared with its marks."""
        word = self.stream.word_bits
        digits = sum((a.size - 1).bit_length() for a in self.axes)
        phases = sum((a.step - 1).bit_length() for a in self.axes)
        parts = sum(not a.whole for a in self.axes)
        marks = 4 * len(self.axes) + parts + 4 if family == "ecp5" else len(self.axes) + 7
        logic = word + sum(counter(a.size, family) for a in self.axes) + round(2.5 * phases) + marks
        return Resources(lut=logic, ff=2 * word + 2 + digits + phases + parts)
