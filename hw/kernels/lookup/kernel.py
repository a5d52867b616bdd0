"""Lookup: any function of one integer, from a table."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from codesign.graph import bits_for
from codesign.graph.operators.table import Table
from hw.design.stream import Port, Stream
from hw.kernels.cost import counter
from hw.kernels.kernel import Cycles, Kernel, Memory, Resources, must
from hw.kernels.memory.cost import queue, rom
from hw.kernels.memory.memory import choose_form
from hw.kernels.padding import Padding
from hw.kernels.tokens import Tokens, promised, through

MOST_INDEX_BITS = 16
"""Widest index: a table of 65,536 entries, half a megabit for bytes, and one of them a lane."""


@dataclass(frozen=True, eq=False)
class Lookup(Kernel):
    """Replace every integer by an entry of its channel's table, as ``codesign.graph.operators.table.Table``.

    Words in and out: positions, channels innermost. Tables that are all equal are kept once for all channels.

    Attributes:
        values: int64 [C or 1, N].
        first: int64 [C], the integer of each channel's first entry; all that come lie in [first, first + N).
        positions: positions in a frame.
        in_bits, in_signed: of an input lane.
        pe: lanes of a word, each with a memory; divides C.
        family: part family, which decides whether a memory is logic or block RAM.
        serial: one word at a time, for slow streams: a word takes 4 cycles and needs no queue.
    """

    values: np.ndarray
    first: np.ndarray
    positions: int
    in_bits: int
    in_signed: bool
    pe: int = 1
    family: str = "ecp5"
    serial: bool = False

    rtl = ("lookup.sv", "../memory/rom.sv", "../matrix_vector_unit/result_queue.sv")
    folds = ("pe",)

    def __post_init__(self) -> None:
        shape = self.values.shape
        must(
            self.first.ndim == 1 and len(shape) == 2 and shape[0] in (1, self.channels) and shape[1] >= 1,
            f"Lookup values must be [1 or {self.channels}, entries] as first is {list(self.first.shape)}, "
            f"not {list(shape)}",
        )
        must(
            self.pe > 0 and self.channels % self.pe == 0,
            f"Lookup pe must divide channels={self.channels}, not {self.pe}",
        )
        must(self.positions > 0, f"Lookup positions must be positive, not {self.positions}")
        must(self.in_bits > 0, f"Lookup in_bits must be positive, not {self.in_bits}")
        must(
            self.index_bits <= MOST_INDEX_BITS,
            f"Lookup entries must be at most {1 << MOST_INDEX_BITS}, not {shape[1]}",
        )

    @property
    def channels(self) -> int:
        return len(self.first)

    @property
    def words(self) -> int:
        return self.positions * self.channels // self.pe

    @property
    def index_bits(self) -> int:
        """Bits of an input that tell its entries apart, at least 1: N integers in a row differ in these."""
        return min(max(1, (self.values.shape[1] - 1).bit_length()), self.in_bits)

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", Stream(self.pe, self.in_bits, self.in_signed), self.words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        bits, signed = bits_for(int(self._tables.min()), int(self._tables.max()))
        return (Port("m", Stream(self.pe, bits, signed), self.words),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        """Run the operator."""
        (x,) = words
        operator = Table(inputs=("x",), output="y", values=self.values, first=self.first)
        y = operator.run(x.reshape(len(x), self.positions, self.channels))
        return (y.reshape(x.shape),)

    @cached_property
    def _tables(self) -> np.ndarray:
        """Entries by the lowest bits of the input, int64 [C, or 1 where all channels' are equal, 2**index_bits].

        An index that no input has repeats the first or the last entry.
        """
        stream, size = Stream(1, self.in_bits, self.in_signed), self.values.shape[1]
        low = np.maximum(self.first, stream.low)[:, None]
        entry = (np.arange(1 << self.index_bits) - low) % (1 << self.index_bits) + low - self.first[:, None]
        rows = np.broadcast_to(self.values, (self.channels, size))
        tables = np.take_along_axis(rows, entry.clip(0, size - 1), 1)
        return tables[:1] if (tables == tables[:1]).all() else tables

    @property
    def _shared(self) -> bool:
        return len(self._tables) == 1

    @property
    def _groups(self) -> int:
        return 1 if self._shared else self.channels // self.pe

    @property
    def _form(self) -> str:
        return choose_form(self._groups << self.index_bits, self.outputs[0].stream.bits, self.family)

    @property
    def _places(self) -> int:
        """Places of the queue: a word holds one for two cycles and three more."""
        return 1 if self.serial else 8

    def cycles(self) -> Cycles:
        """A word a cycle, or one in four cycles."""
        return Cycles(self.words * 4, 3) if self.serial else Cycles(self.words, 4)

    def tokens(self) -> Tokens:
        return through(promised(self._places, 2))

    def forms(self) -> tuple[dict[str, Any], ...]:
        return {"serial": False}, {"serial": True}

    def padded(self, channels_in: Padding, channels_out: Padding) -> Self | None:
        if not channels_in.fits(self.channels):
            return None
        values = self.values if len(self.values) == 1 else channels_in.repeat(self.values)
        return dataclasses.replace(self, values=values, first=channels_in.repeat(self.first))

    def fold_limits(self) -> dict[str, int]:
        return {"pe": self.channels}

    def verilog_parameters(self) -> dict[str, int | str]:
        return {
            "IN_BITS": self.in_bits,
            "PE": self.pe,
            "GROUPS": self._groups,
            "INDEX_BITS": self.index_bits,
            "OUT_BITS": self.outputs[0].stream.bits,
            "SHARED": int(self._shared),
            "PLACES": self._places,
            "FORM": self._form,
        }

    def memories(self) -> dict[str, Memory]:
        """By group and index; where tables differ, those of a word's lanes side by side."""
        bits, lanes = self.outputs[0].stream.bits, 1 if self._shared else self.pe
        entries = (self._tables & ((1 << bits) - 1)).reshape(self._groups, lanes, -1)
        words = [
            sum(value << (bits * lane) for lane, value in enumerate(word))
            for word in np.moveaxis(entries, 1, -1).reshape(-1, lanes).tolist()
        ]
        return {"FILE": Memory(tuple(words), bits * lanes)}

    def resources(self, family: str) -> Resources:
        """A memory a lane and the queue."""
        out, group = self.outputs[0].stream, (self._groups - 1).bit_length()
        one = rom(self._groups << self.index_bits, out.bits, self._form, family)
        logic = counter(self._groups, family, compared=False) + 1 + self.serial
        control = Resources(lut=logic, ff=4 + group)
        total = control + queue(self._places, out.word_bits, family)
        return total + Resources(self.pe * one.lut, self.pe * one.ff, self.pe * one.bram)
