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
from hw.kernels.sets import Turns, alike, check_sets
from hw.kernels.tokens import Tokens, promised, through

MOST_INDEX_BITS = 16
"""Widest index: a table of 65,536 entries, half a megabit for bytes, and one of them a lane."""


@dataclass(frozen=True, eq=False)
class Lookup(Kernel):
    """Replace every integer by an entry of its channel's table, as ``codesign.graph.operators.table.Table``.

    Words in and out: positions, channels innermost. Tables that are all equal are kept once for all channels. With S
    sets of tables, a frame's positions are S blocks of the same length, and block s has set s.

    Attributes:
        values: int64 [C or 1, N] or [S, C or 1, N].
        first: int64 [C] or [S, C], the integer of each channel's first entry; all that come lie in [first, first + N).
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

    rtl = (
        "lookup.sv",
        "../memory/rom.sv",
        "../memory/set_counter.sv",
        "../matrix_vector_unit/result_queue.sv",
    )
    folds = ("pe",)

    def __post_init__(self) -> None:
        shape, sets = self.values.shape, self.first.shape[:-1]
        must(
            self.first.ndim in (1, 2)
            and shape[:-2] == sets
            and len(shape) == len(sets) + 2
            and shape[-2] in (1, self.channels)
            and shape[-1] >= 1,
            f"Lookup values must be {''.join(f'{n} sets, ' for n in sets)}[1 or {self.channels}, entries] as first is "
            f"{list(self.first.shape)}, not {list(shape)}",
        )
        must(
            self.pe > 0 and self.channels % self.pe == 0,
            f"Lookup pe must divide channels={self.channels}, not {self.pe}",
        )
        must(self.positions > 0, f"Lookup positions must be positive, not {self.positions}")
        check_sets("Lookup", self.sets, self.positions)
        must(self.in_bits > 0, f"Lookup in_bits must be positive, not {self.in_bits}")
        must(
            self.index_bits <= MOST_INDEX_BITS,
            f"Lookup entries must be at most {1 << MOST_INDEX_BITS}, not {shape[-1]}",
        )

    @property
    def channels(self) -> int:
        return int(self.first.shape[-1])

    @property
    def sets(self) -> int:
        """Sets of tables (S)."""
        return len(np.atleast_2d(self.first))

    @property
    def words(self) -> int:
        return self.positions * self.channels // self.pe

    @property
    def index_bits(self) -> int:
        """Bits of an input that tell its entries apart, at least 1: N integers in a row differ in these."""
        return min(max(1, (self.values.shape[-1] - 1).bit_length()), self.in_bits)

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", Stream(self.pe, self.in_bits, self.in_signed), self.words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        bits, signed = bits_for(int(self._tables.min()), int(self._tables.max()))
        return (Port("m", Stream(self.pe, bits, signed), self.words),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        """Run the operator of each block."""
        (x,) = words
        blocks = x.reshape(len(x), self.sets, -1, self.channels)
        values, first = self.values.reshape(self.sets, *self.values.shape[-2:]), np.atleast_2d(self.first)
        operators = (Table(inputs=("x",), output="y", values=v, first=f) for v, f in zip(values, first, strict=True))
        y = [operator.run(blocks[:, s]) for s, operator in enumerate(operators)]
        return (np.stack(y, 1).reshape(x.shape),)

    @cached_property
    def _tables(self) -> np.ndarray:
        """Entries by the lowest bits of the input, int64 [S, C, 2**index_bits].

        S and C are 1 where all sets', or all channels', are equal. An index that no input has repeats the first or the
        last entry.
        """
        stream, size = Stream(1, self.in_bits, self.in_signed), self.values.shape[-1]
        first = np.atleast_2d(self.first)[:, :, None]
        low = np.maximum(first, stream.low)
        entry = (np.arange(1 << self.index_bits) - low) % (1 << self.index_bits) + low - first
        rows = np.broadcast_to(
            self.values.reshape(self.sets, *self.values.shape[-2:]), (self.sets, self.channels, size)
        )
        tables = np.take_along_axis(rows, entry.clip(0, size - 1), 2)
        channels, sets = alike((tables,))
        return tables[: 1 if sets else None, : 1 if channels else None]

    @property
    def _shared(self) -> bool:
        return self._tables.shape[1] == 1

    @property
    def _turns(self) -> Turns:
        groups, sets = 1 if self._shared else self.channels // self.pe, len(self._tables)
        return Turns(groups, sets, self.words // self.sets // groups if sets > 1 else 1)

    @property
    def _form(self) -> str:
        return choose_form(self._turns.depth << self.index_bits, self.outputs[0].stream.bits, self.family)

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
        values = self.values if self.values.shape[-2] == 1 else channels_in.repeat(self.values, -2)
        return dataclasses.replace(self, values=values, first=channels_in.repeat(self.first, -1))

    def fold_limits(self) -> dict[str, int]:
        return {"pe": self.channels}

    def verilog_parameters(self) -> dict[str, int | str]:
        return {
            "IN_BITS": self.in_bits,
            "PE": self.pe,
            "GROUPS": self._turns.words,
            **self._turns.parameters(),
            "INDEX_BITS": self.index_bits,
            "OUT_BITS": self.outputs[0].stream.bits,
            "SHARED": int(self._shared),
            "PLACES": self._places,
            "FORM": self._form,
        }

    def memories(self) -> dict[str, Memory]:
        """By group and index; where tables differ, those of a word's lanes side by side."""
        bits, lanes = self.outputs[0].stream.bits, 1 if self._shared else self.pe
        entries = (self._tables & ((1 << bits) - 1)).reshape(self._turns.depth, lanes, -1)
        words = [
            sum(value << (bits * lane) for lane, value in enumerate(word))
            for word in np.moveaxis(entries, 1, -1).reshape(-1, lanes).tolist()
        ]
        return {"FILE": Memory(tuple(words), bits * lanes)}

    def resources(self, family: str) -> Resources:
        """A memory a lane and the queue."""
        out, turns = self.outputs[0].stream, self._turns
        one = rom(turns.depth << self.index_bits, out.bits, self._form, family)
        logic = (
            Resources(lut=counter(turns.words, family, compared=False)) if turns.sets == 1 else turns.resources(family)
        )
        control = logic + Resources(lut=1 + self.serial, ff=4 + (turns.depth - 1).bit_length())
        total = control + queue(self._places, out.word_bits, family)
        return total + Resources(self.pe * one.lut, self.pe * one.ff, self.pe * one.bram)
