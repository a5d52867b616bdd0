"""Thresholds: counts by binary search."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from codesign.graph import Threshold, bits_for
from hw.design.stream import Port, Stream
from hw.kernels.cost import adder, counter
from hw.kernels.kernel import Cycles, Kernel, Memory, Resources, must
from hw.kernels.memory.cost import queue, rom, rom_of
from hw.kernels.memory.memory import block_rams
from hw.kernels.padding import Padding
from hw.kernels.tokens import Phase, Tokens, promised, registers, through

MOST_LEVELS = 4095
LUT_WORDS = 32
"""Deepest memory made of logic; the stages' RTL decides by the same number."""


@dataclass(frozen=True, eq=False)
class Thresholds(Kernel):
    """Replace every integer by the number of its channel's thresholds that it reaches, as ``codesign.graph.Threshold``.

    Words in and out: positions, channels innermost. Rows that are all equal are kept once.

    Attributes:
        thresholds: int64 [C, L], L from 1 to 4095.
        descending: bool [C].
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
        "../matrix_vector_unit/result_queue.sv",
    )
    folds = ("pe",)

    def __post_init__(self) -> None:
        shape = self.thresholds.shape
        must(
            len(shape) == 2 and 1 <= shape[1] <= MOST_LEVELS,
            f"Thresholds thresholds must be [channels, 1 to {MOST_LEVELS}], not {list(shape)}",
        )
        must(
            self.descending.shape == shape[:1],
            f"Thresholds descending must have one entry for each of {shape[0]} channels, "
            f"not {list(self.descending.shape)}",
        )
        must(
            self.pe > 0 and self.channels % self.pe == 0,
            f"Thresholds pe must divide channels={self.channels}, not {self.pe}",
        )
        must(self.positions > 0, f"Thresholds positions must be positive, not {self.positions}")

    @property
    def channels(self) -> int:
        return self.thresholds.shape[0]

    @property
    def levels(self) -> int:
        return self.thresholds.shape[1]

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
        """Run the operator."""
        (x,) = words
        operator = Threshold(
            inputs=("x",), output="y", thresholds=self.thresholds, descending=self.descending, low=self.low
        )
        y = operator.run(x.reshape(len(x), self.positions, self.channels))
        return (y.reshape(x.shape),)

    @cached_property
    def _sets(self) -> np.ndarray:
        """Stored thresholds in ascending order, one less than the smallest x that reaches them, int64 [sets, 2**n - 1].

        Those that pad the number to 2**n - 1 are reached by no x.
        """
        stream = self.inputs[0].stream
        stored = np.clip(np.sort(self.thresholds, 1) - 1, stream.low - 1, stream.high)
        padding = ((0, 0), (0, (1 << self.level_bits) - 1 - self.levels))
        padded = np.pad(stored, padding, constant_values=stream.high)
        return padded[:1] if self._shared else padded

    @property
    def _shared(self) -> bool:
        """Whether all channels have the same thresholds and direction, so that they are kept once."""
        rows = np.column_stack([self.thresholds, self.descending])
        return bool((rows == rows[:1]).all())

    @property
    def _direction(self) -> int:
        """0 where no channel descends, 1 where all do, 2 where some do."""
        return 2 if self.descending.any() and not self.descending.all() else int(self.descending.all())

    @property
    def _stored(self) -> tuple[int, bool]:
        """Bits of a stored threshold, at least ``in_bits``, and whether it is signed."""
        stream = self.inputs[0].stream
        bits, signed = bits_for(min(int(self._sets.min()), stream.low), stream.high)
        return max(bits, self.in_bits), signed

    @property
    def _groups(self) -> int:
        return 1 if self._shared else self.channels // self.pe

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
        thresholds, descending = channels_in.repeat(self.thresholds), channels_in.repeat(self.descending)
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
        if self.serial:
            form = "block" if len(self._sets) << self.level_bits > LUT_WORDS else "lut"
            return parameters | {"CHANNELS": len(self._sets), "FORM": form}
        return parameters | {"GROUPS": self._groups, "PLACES": self._places}

    def memories(self) -> dict[str, Memory]:
        """Serial: heaps of all channels; else a stage's thresholds by group and decisions, all lanes side by side."""
        bits, _ = self._stored
        direction = self._direction == 2
        words = self._sets & ((1 << bits) - 1)
        if direction:
            words = words | (self.descending[: len(words), None].astype(np.int64) << bits)
        width = bits + direction
        if self.serial:
            return {"FILE": Memory(tuple(words[:, _heap(self.level_bits)].reshape(-1).tolist()), width)}
        memories = {}
        for index in range(self.level_bits):
            stage = words[:, _level(self.level_bits, index)]
            if not (direction and index == self.level_bits - 1):
                stage = stage & ((1 << bits) - 1)
            lanes = np.broadcast_to(stage, (self._groups * self.pe, 1 << index)).reshape(self._groups, self.pe, -1)
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
        groups = max(1, len(self._sets) // lanes)
        group, counting = (groups - 1).bit_length(), counter(groups, family)
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
