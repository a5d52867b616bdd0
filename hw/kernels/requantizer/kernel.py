"""Requantizer: multiply, add, shift, clamp."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property, partial
from math import ceil, prod
from typing import Any, Self

import numpy as np

from codesign.graph import Requantize, bits_for
from hw.design.stream import Port, Stream
from hw.kernels.cost import adder
from hw.kernels.kernel import Cycles, Kernel, Memory, Resources, must
from hw.kernels.memory.cost import distinct, queue, rom_of
from hw.kernels.padding import Padding
from hw.kernels.sets import Turns, alike, check_sets
from hw.kernels.tokens import Tokens, promised, through

MOST_BITS = 32
"""Widest output: the clamp's ends are Verilog parameters."""
LUT_WORDS = 16
"""Deepest memory made of logic: one LUT4 a bit."""


@dataclass(frozen=True, eq=False)
class Requantizer(Kernel):
    """Compute ``clamp((x * multiplier + offset) >> shift, low, high)``, as ``codesign.graph.Requantize``.

    Words in and out: positions, channels innermost. Numbers that are equal for all channels are kept once. With S sets
    of numbers, a frame's positions are S blocks of the same length, and block s has set s.

    Attributes:
        multiplier, offset: int64 [C] or [S, C].
        shift: of all channels.
        low, high: the clamp.
        positions: positions in a frame.
        in_bits, in_signed: of an input lane.
        pe: lanes of a word, each with a multiplier; divides C.
        in_low, in_high: inputs are known to lie between them; by default, any that the lane's bits can hold may come.
        serial: one word at a time, for slow streams: a word takes 6 cycles and needs no queue.
    """

    multiplier: np.ndarray
    offset: np.ndarray
    shift: int
    low: int
    high: int
    positions: int
    in_bits: int
    in_signed: bool
    pe: int = 1
    in_low: int | None = None
    in_high: int | None = None
    serial: bool = False

    rtl = (
        "requantizer.sv",
        "../memory/rom.sv",
        "../memory/set_counter.sv",
        "../matrix_vector_unit/result_queue.sv",
    )
    folds = ("pe",)

    def __post_init__(self) -> None:
        must(
            self.multiplier.ndim in (1, 2) and self.multiplier.shape == self.offset.shape,
            f"Requantizer multiplier and offset must both be [channels] or [sets, channels], "
            f"not {list(self.multiplier.shape)} and {list(self.offset.shape)}",
        )
        must(
            self.pe > 0 and self.channels % self.pe == 0,
            f"Requantizer pe must divide channels={self.channels}, not {self.pe}",
        )
        must(self.low <= self.high, f"Requantizer low must be at most high={self.high}, not {self.low}")
        must(
            self.outputs[0].stream.bits <= MOST_BITS,
            f"Requantizer low and high must fit {MOST_BITS} bits, not be {self.low} and {self.high}",
        )
        must(self.shift >= 0, f"Requantizer shift must not be negative, but is {self.shift}")
        must(self.positions > 0, f"Requantizer positions must be positive, not {self.positions}")
        check_sets("Requantizer", self.sets, self.positions)
        stream = self.inputs[0].stream
        first, last = self._range
        must(
            stream.low <= first <= last <= stream.high,
            f"Requantizer in_low and in_high must lie between {stream.low} and {stream.high}, not {first} and {last}",
        )

    @property
    def channels(self) -> int:
        return int(self.multiplier.shape[-1])

    @property
    def sets(self) -> int:
        """Sets of numbers (S)."""
        return len(np.atleast_2d(self.multiplier))

    @property
    def words(self) -> int:
        return self.positions * self.channels // self.pe

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", Stream(self.pe, self.in_bits, self.in_signed), self.words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        return (Port("m", Stream(self.pe, *bits_for(self.low, self.high)), self.words),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        """Run the operator of each block."""
        (x,) = words
        blocks = x.reshape(len(x), self.sets, -1, self.channels)
        operator = partial(Requantize, inputs=("x",), output="y", shift=self.shift, low=self.low, high=self.high)
        numbers = zip(np.atleast_2d(self.multiplier), np.atleast_2d(self.offset), strict=True)
        y = [operator(multiplier=m, offset=b).run(blocks[:, s]) for s, (m, b) in enumerate(numbers)]
        return (np.stack(y, 1).reshape(x.shape),)

    @property
    def _range(self) -> tuple[int, int]:
        stream = self.inputs[0].stream
        low = stream.low if self.in_low is None else self.in_low
        return low, stream.high if self.in_high is None else self.in_high

    @cached_property
    def _turns(self) -> Turns:
        channels, sets = alike((np.atleast_2d(self.multiplier), np.atleast_2d(self.offset)))
        groups, block = 1 if channels else self.channels // self.pe, self.words // self.sets
        return Turns(groups, 1, 1) if sets else Turns(groups, self.sets, block // groups)

    @cached_property
    def _widths(self) -> dict[str, int]:
        """Bits of the numbers and of what is computed from them, from the exact ranges of all channels."""
        multipliers, offsets = self.multiplier.ravel().tolist(), self.offset.ravel().tolist()
        products = [tuple(sorted(m * end for end in self._range)) for m in multipliers]
        sums = [(low + b, high + b) for (low, high), b in zip(products, offsets, strict=True)]
        bits, signed = bits_for(min(multipliers), max(multipliers))
        return {
            "MULTIPLIER_BITS": bits,
            "MULTIPLIER_SIGNED": int(signed),
            "OFFSET_BITS": _signed_bits(min(offsets), max(offsets)),
            "PRODUCT_BITS": _signed_bits(min(p[0] for p in products), max(p[1] for p in products)),
            "SUM_BITS": max(_signed_bits(min(s[0] for s in sums), max(s[1] for s in sums)), self.shift + 1),
        }

    @property
    def _memory(self) -> Memory:
        widths = self._widths
        m_bits, b_bits = widths["MULTIPLIER_BITS"], widths["OFFSET_BITS"]
        lane_bits = m_bits + b_bits
        turns = self._turns
        kept = (np.atleast_2d(a)[: turns.sets, : turns.words * self.pe] for a in (self.multiplier, self.offset))
        lanes = [
            m & ((1 << m_bits) - 1) | (b & ((1 << b_bits) - 1)) << m_bits
            for m, b in zip(*(a.ravel().tolist() for a in kept), strict=True)
        ]
        words = (lanes[i : i + self.pe] for i in range(0, len(lanes), self.pe))
        packed = tuple(sum(value << (lane_bits * lane) for lane, value in enumerate(word)) for word in words)
        return Memory(packed, lane_bits * self.pe)

    @property
    def _places(self) -> int:
        return 1 if self.serial else 8

    @property
    def _form(self) -> str:
        return "block" if self._turns.depth > LUT_WORDS else "lut"

    def cycles(self) -> Cycles:
        """A word a cycle, or one in six cycles."""
        return Cycles(self.words * 6, 5) if self.serial else Cycles(self.words, 6)

    def tokens(self) -> Tokens:
        return through(promised(self._places, 4))

    def forms(self) -> tuple[dict[str, Any], ...]:
        return {"serial": False}, {"serial": True}

    def padded(self, channels_in: Padding, channels_out: Padding) -> Self | None:
        if not channels_in.fits(self.channels):
            return None
        multiplier, offset = channels_in.repeat(self.multiplier, -1), channels_in.repeat(self.offset, -1)
        return dataclasses.replace(self, multiplier=multiplier, offset=offset)

    def fold_limits(self) -> dict[str, int]:
        return {"pe": self.channels}

    def verilog_parameters(self) -> dict[str, int | str]:
        out = self.outputs[0].stream
        mask = (1 << out.bits) - 1
        return {
            "IN_BITS": self.in_bits,
            "IN_SIGNED": int(self.in_signed),
            "PE": self.pe,
            "GROUPS": self._turns.words,
            **self._turns.parameters(),
            **self._widths,
            "SHIFT": self.shift,
            "OUT_BITS": out.bits,
            "OUT_SIGNED": int(out.signed),
            "LOW": self.low & mask,
            "HIGH": self.high & mask,
            "PLACES": self._places,
            "FORM": self._form,
        }

    def memories(self) -> dict[str, Memory]:
        return {"FILE": self._memory}

    def resources(self, family: str) -> Resources:
        """A multiplier, an adder and two comparisons a lane; the memory; the queue.

        The DSP of xc7 takes the adder and the registers around it along.
        """
        widths, out = self._widths, self.outputs[0].stream
        total, whole = widths["SUM_BITS"], widths["SUM_BITS"] - self.shift
        depth = self._turns.depth
        group = (depth - 1).bit_length()
        offset = widths["OFFSET_BITS"] if depth > 1 else 0  # else a constant
        numbers, shifted = rom_of(self._memory, self._form, family), 0
        # Equal bits of different lanes are one, here and in the register behind the memory.
        offsets = (
            self.pe * offset * distinct(self._memory) // self._memory.bits if self._form == "lut" else self.pe * offset
        )
        if family == "xc7":
            logic, registers = round(0.8 * out.bits), widths["PRODUCT_BITS"] * (self._dsps(family) > 1)
            numbers = dataclasses.replace(numbers, ff=numbers.ff // 2 + offsets if self._form == "lut" else offsets)
        else:
            if family == "ecp5":
                logic = adder(total, family) + adder(whole, family) + out.bits
            else:  # a constant offset is in the carry chain's tables, half of which are none
                logic = (total if depth > 1 else total // 2) + round(0.8 * out.bits)
                if self._form == "lut":  # three registers in a row, where no other lane has the same bit
                    shifted = offsets * distinct(self._memory) // self._memory.bits
            registers = 2 * self.in_bits + widths["PRODUCT_BITS"] + whole
            numbers = dataclasses.replace(numbers, lut=numbers.lut + shifted, ff=numbers.ff + offsets - 3 * shifted)
        logic += (self._dsps(family) - 1) * widths["PRODUCT_BITS"] // 2  # adds what several DSPs make
        control = Resources(
            self.pe * logic,
            self.pe * registers + 8 + group,
            dsp=self.pe * self._dsps(family),
        )
        return control + self._turns.resources(family) + numbers + queue(self._places, out.word_bits, family)

    def _dsps(self, family: str) -> int:
        """DSPs of one multiplication: wide ones take several."""
        factors = (
            self.in_bits + (not self.in_signed),
            self._widths["MULTIPLIER_BITS"] + (not self._widths["MULTIPLIER_SIGNED"]),
        )
        sides = {"ecp5": (18, 18), "xc7": (25, 18), "xcup": (27, 18)}[family]
        return prod(ceil((bits - 1) / (side - 1)) for bits, side in zip(sorted(factors)[::-1], sides, strict=True))


def _signed_bits(low: int, high: int) -> int:
    """Return the bits of the narrowest two's complement integer that holds [low, high]."""
    return bits_for(min(low, -1), high)[0]
