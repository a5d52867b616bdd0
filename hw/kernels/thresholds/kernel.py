"""Thresholds: counts by binary search."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Self

import numpy as np

from codesign.graph import Threshold, bits_for
from hw.design.stream import Port, Stream
from hw.kernels.cost import adder
from hw.kernels.kernel import Cycles, Kernel, Memory, Resources, must
from hw.kernels.memory.cost import queue, rom, rom_of
from hw.kernels.memory.memory import block_rams
from hw.kernels.padding import Padding
from hw.kernels.sets import Turns, alike, check_sets
from hw.kernels.tokens import Phase, Tokens, promised, registers, through

MOST_LEVELS = 4095
LUT_WORDS = 32
"""Deepest memory made of logic; the stages' RTL decides by the same number."""


@dataclass(frozen=True, eq=False)
class Thresholds(Kernel):
    """Replace every integer by the number of its channel's thresholds that it reaches, as ``codesign.graph.Threshold``.

    Words in and out: positions, channels innermost. Rows that are all equal are kept once. With S sets of thresholds, a
    frame's positions are S blocks of the same length, and block s has set s.

    Attributes:
        thresholds: int64 [C, L] or [S, C, L], L from 1 to 4095.
        descending: bool [C] or [S, C].
        low: the output when no threshold is reached.
        positions: positions in a frame.
        in_bits, in_signed: of an input lane.
        pe: lanes of a word; divides C.
        serial: one comparator and one memory for all lanes, for slow streams: 3 cycles a decision and lane.
    """

    thresholds: np.ndarray
    descending: np.ndarray
    low: int
    positions: int
    in_bits: int
    in_signed: bool
    pe: int = 1
    serial: bool = False

    rtl = (
        "thresholds.sv",
        "serial_thresholds.sv",
        "threshold_stage.sv",
        "threshold_compare.sv",
        "../memory/rom.sv",
        "../memory/set_counter.sv",
        "../matrix_vector_unit/result_queue.sv",
    )
    folds = ("pe",)

    def __post_init__(self) -> None:
        shape = self.thresholds.shape
        must(
            len(shape) in (2, 3) and 1 <= shape[-1] <= MOST_LEVELS,
            f"Thresholds thresholds must be [channels, 1 to {MOST_LEVELS}], with sets in front or not, "
            f"not {list(shape)}",
        )
        must(
            self.descending.shape == shape[:-1],
            f"Thresholds descending must have one entry for each of {' x '.join(map(str, shape[:-1]))} channels, "
            f"not {list(self.descending.shape)}",
        )
        must(
            self.pe > 0 and self.channels % self.pe == 0,
            f"Thresholds pe must divide channels={self.channels}, not {self.pe}",
        )
        must(self.positions > 0, f"Thresholds positions must be positive, not {self.positions}")
        check_sets("Thresholds", self.sets, self.positions)

    @property
    def channels(self) -> int:
        return int(self.thresholds.shape[-2])

    @property
    def sets(self) -> int:
        """Sets of thresholds (S)."""
        return len(np.atleast_2d(self.descending))

    @property
    def levels(self) -> int:
        return int(self.thresholds.shape[-1])

    @property
    def level_bits(self) -> int:
        """Decisions of the search."""
        return self.levels.bit_length()

    @property
    def words(self) -> int:
        return self.positions * self.channels // self.pe

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", Stream(self.pe, self.in_bits, self.in_signed), self.words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        return (Port("m", Stream(self.pe, *bits_for(self.low, self.low + self.levels)), self.words),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        """Run the operator of each block."""
        (x,) = words
        blocks = x.reshape(len(x), self.sets, -1, self.channels)
        operator = partial(Threshold, inputs=("x",), output="y", low=self.low)
        y = [
            operator(thresholds=thresholds, descending=descending).run(blocks[:, s])
            for s, (thresholds, descending) in enumerate(zip(*self._whole, strict=True))
        ]
        return (np.stack(y, 1).reshape(x.shape),)

    @property
    def _whole(self) -> tuple[np.ndarray, np.ndarray]:
        """Thresholds [S, C, L] and directions [S, C]."""
        return self.thresholds.reshape(self.sets, self.channels, -1), np.atleast_2d(self.descending)

    @cached_property
    def _rows(self) -> np.ndarray:
        """Stored thresholds in ascending order, one less than the smallest x that reaches them, int64 [rows, 2**n - 1].

        Sets, and in each the channels, one row of each where all are equal. Thresholds that pad the number to 2**n - 1
        are reached by no x.
        """
        stream = self.inputs[0].stream
        stored = np.clip(np.sort(self._kept[0], 1) - 1, stream.low - 1, stream.high)
        padding = ((0, 0), (0, (1 << self.level_bits) - 1 - self.levels))
        return np.pad(stored, padding, constant_values=stream.high)

    @cached_property
    def _equal(self) -> tuple[bool, bool]:
        """Whether all channels of a set have the same thresholds and direction, and whether all sets have."""
        return alike(self._whole)

    @property
    def _kept(self) -> tuple[np.ndarray, np.ndarray]:
        """The thresholds and directions of ``_rows``."""
        channels, sets = self._equal
        thresholds, descending = (a[: 1 if sets else None, : 1 if channels else None] for a in self._whole)
        return thresholds.reshape(-1, self.levels), descending.ravel()

    @property
    def _turns(self) -> Turns:
        """Of words, or where it is serial of lanes."""
        (channels, sets), lanes = self._equal, 1 if self.serial else self.pe
        groups = 1 if channels else self.channels // lanes
        turns = self.words * self.pe // lanes // self.sets // groups
        return Turns(groups, 1, 1) if sets else Turns(groups, self.sets, turns)

    @property
    def _direction(self) -> int:
        """0 where no channel descends, 1 where all do, 2 where some do."""
        return 2 if self.descending.any() and not self.descending.all() else int(self.descending.all())

    @property
    def _stored(self) -> tuple[int, bool]:
        """Bits of a stored threshold, at least ``in_bits``, and whether it is signed."""
        stream = self.inputs[0].stream
        bits, signed = bits_for(min(int(self._rows.min()), stream.low), stream.high)
        return max(bits, self.in_bits), signed

    @property
    def _places(self) -> int:
        """Places of the queue: a word holds one for the pipeline's cycles and three more."""
        return 1 << (3 * self.level_bits + 2).bit_length()

    def cycles(self) -> Cycles:
        """A word a cycle, or three cycles a decision and lane."""
        search = 3 * self.level_bits
        if self.serial:
            return Cycles(self.words * search * self.pe, search * self.pe)
        return Cycles(self.words, search + 2)

    def tokens(self) -> Tokens:
        search = 3 * self.level_bits
        if not self.serial:
            return through(promised(self._places, search))
        # Each lane's last decision waits for the output, the last lane's fills it.
        lanes = (Phase(room={"m0": 1}, cycles=search, times=self.pe - 1),) if self.pe > 1 else ()
        phases = (Phase(take={"s0": 1}, cycles=search - 1), *lanes, Phase(give={"m0": 1}))
        return Tokens({"m0": registers()}, (phases,))

    def forms(self) -> tuple[dict[str, Any], ...]:
        return {"serial": False}, {"serial": True}

    def padded(self, channels_in: Padding, channels_out: Padding) -> Self | None:
        if not channels_in.fits(self.channels):
            return None
        thresholds, descending = channels_in.repeat(self.thresholds, -2), channels_in.repeat(self.descending, -1)
        return dataclasses.replace(self, thresholds=thresholds, descending=descending)

    def fold_limits(self) -> dict[str, int]:
        return {"pe": self.channels}

    @property
    def module(self) -> str:
        return "serial_thresholds" if self.serial else "thresholds"

    def verilog_parameters(self) -> dict[str, int | str]:
        bits, signed = self._stored
        unreached = (1 << self.level_bits) - 1 - self.levels
        out_bits = self.outputs[0].stream.bits
        mask = (1 << out_bits) - 1
        parameters: dict[str, int | str] = {
            "IN_BITS": self.in_bits,
            "IN_SIGNED": int(self.in_signed),
            "PE": self.pe,
            "LEVEL_BITS": self.level_bits,
            "OUT_BITS": out_bits,
            "LOW": self.low & mask,
            "LOW_DESCENDING": (self.low - unreached) & mask,
            "DESCENDING": self._direction,
            "THRESHOLD_BITS": bits,
            "THRESHOLD_SIGNED": int(signed),
        }
        parameters |= self._turns.parameters()
        if self.serial:
            form = "block" if len(self._rows) << self.level_bits > LUT_WORDS else "lut"
            return parameters | {"CHANNELS": self._turns.words, "FORM": form}
        return parameters | {"GROUPS": self._turns.words, "PLACES": self._places}

    def memories(self) -> dict[str, Memory]:
        """Serial: heaps of all channels; else a stage's thresholds by group and decisions, all lanes side by side."""
        bits, _ = self._stored
        direction = self._direction == 2
        words = self._rows & ((1 << bits) - 1)
        if direction:
            words = words | (self._kept[1][:, None].astype(np.int64) << bits)
        width = bits + direction
        if self.serial:
            return {"FILE": Memory(tuple(words[:, _heap(self.level_bits)].reshape(-1).tolist()), width)}
        memories = {}
        for index in range(self.level_bits):
            stage = words[:, _level(self.level_bits, index)]
            if not (direction and index == self.level_bits - 1):
                stage = stage & ((1 << bits) - 1)
            lanes = stage if len(stage) > self._turns.sets else np.repeat(stage, self.pe, 0)
            lanes = lanes.reshape(self._turns.depth, self.pe, -1)
            memories[f"FILE{index}"] = _side_by_side(lanes, width if index == self.level_bits - 1 else bits)
        return memories

    def resources(self, family: str) -> Resources:
        """Comparators, the memories, and where it is pipelined what carries a word along."""
        ecp5, out = family == "ecp5", self.outputs[0].stream
        compare = adder(self._stored[0], family) if ecp5 else round(0.8 * self._stored[0])
        lanes, lane_bits = (1, self.pe * self.in_bits) if self.serial else (self.pe, self.in_bits)
        total = Resources()
        for memory in self.memories().values():
            if len(memory.words) <= LUT_WORDS:
                total += rom_of(memory, "lut", family)
                continue
            # Each lane keeps its part of one, but a block RAM of 72 bits, which AMD's have, stays whole.
            bits = memory.bits // lanes
            one = rom(len(memory.words), bits, "block", family)
            if family != "ecp5":
                one = dataclasses.replace(one, bram=block_rams(len(memory.words), min(memory.bits, max(72, bits))))
            total += Resources(lanes * one.lut, lanes * one.ff, lanes * one.bram)
        group, counting = (self._turns.depth - 1).bit_length(), self._turns.resources(family).lut
        total += Resources(ff=self._turns.resources(family).ff)
        n = self.level_bits
        if self.serial:
            control = counting + (18 if ecp5 else 12) + (8 if self.pe > 1 else 0)
            shift = (self.pe - 1) * self.in_bits
            return total + Resources(lut=compare + control + shift, ff=lane_bits + out.data_bits + n + group + 7)
        total += queue(self._places, out.word_bits, family)
        carried = (n - 1) * (lanes * lane_bits + group)
        if ecp5:
            registers = 3 * carried + 2 * lanes * lane_bits + 6 * n + group + lanes * (3 * n * (n - 1) // 2 + n)
            return total + Resources(lut=n * lanes * compare + counting + 4, ff=registers)
        shifted = carried + lanes * n * (n - 1) // 2  # what is carried lies in shift registers
        logic = n * lanes * compare + shifted + counting + 6
        return total + Resources(lut=logic, ff=2 * lanes * (lane_bits + n) + group + 6)


def _level(level_bits: int, index: int) -> np.ndarray:
    """Return which of the ascending thresholds decision ``index`` compares with, by the decisions before it."""
    return (2 * np.arange(1 << index) + 1) * (1 << (level_bits - 1 - index)) - 1


def _heap(level_bits: int) -> np.ndarray:
    """Return which of the ascending thresholds each node of the heap is; node 0 is none, and takes any."""
    return np.concatenate([[0], *(_level(level_bits, index) for index in range(level_bits))])


def _side_by_side(lanes: np.ndarray, bits: int) -> Memory:
    """Return the memory of int64 [groups, pe, depth], the first lane in a word's lowest bits."""
    words = [
        sum(int(value) << (bits * lane) for lane, value in enumerate(row))
        for row in np.moveaxis(lanes, 1, -1).reshape(-1, lanes.shape[1])
    ]
    return Memory(tuple(words), bits * lanes.shape[1])
