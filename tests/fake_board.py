"""A board in Python for tests of the driver: registers, a DMA, memory behind a cache, and arithmetic as accelerator.

It shares nothing with the driver but addresses and bits, which AMD PG021 and ``hw/shell/registers.py`` fix. Numpy and
the standard library only: it also runs in the boards' environments.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

MAGIC, VERSION, BUILD = 0x434F4453, 1, -123456789
NAMES = ("MAGIC", "BUILD", "VERSION", "CLOCK_HZ", "FRAMES_IN", "FRAMES_OUT", "CYCLES", "ERRORS", "CONTROL")
REGISTERS = {name: index for index, name in enumerate(NAMES)}
FIELDS = {"ERRORS": {"FRAME": 0, "CRC": 1}, "CONTROL": {"CLEAR": 0, "RESET": 1}}
SHAPE, CLASSES = (4, 6), 5
"""Of a frame's integers, channels last; the model has its channels first."""
LOW, HIGH = -7, 7
INPUT = {"lanes": 3, "bits": 4, "signed": True, "words": 8, "bytes_per_word": 2, "low": LOW, "high": HIGH}
OUTPUT = {"lanes": 1, "bits": 14, "signed": True, "words": CLASSES, "bytes_per_word": 2, "low": -8192, "high": 8191}
SCALE, OUT_SCALE, OUT_OFFSET = 0.25, 0.5, (0.0, 1.0, -1.0, 2.0, 0.25)
WEIGHTS = np.random.default_rng(11).integers(-40, 41, (SHAPE[0] * SHAPE[1], CLASSES))
INTERVAL, FIRST, CLOCK = 20, 30, 100.0


def network(q: np.ndarray) -> np.ndarray:
    """What the accelerator computes: int64 [N, CLASSES] of integers [N, *SHAPE]."""
    return np.asarray(q, np.int64).reshape(len(q), -1) @ WEIGHTS


def model(x: np.ndarray) -> np.ndarray:
    """What the model computes: float64 [N, CLASSES] of floats [N, channels, length]."""
    q = np.clip(np.round(np.asarray(x, np.float64) / SCALE), LOW, HIGH).astype(int).transpose(0, 2, 1)
    return network(q) * OUT_SCALE + np.array(OUT_OFFSET)


def frames(count: int, seed: int = 3) -> np.ndarray:
    """Random frames, float32 [count, channels, length], some beyond the quantizer's range."""
    return np.random.default_rng(seed).normal(0, 1.2, (count, SHAPE[1], SHAPE[0])).astype(np.float32)


def manifest(**changes: Any) -> dict[str, Any]:
    """The manifest of a package for this board."""
    head = {
        "model_shape": [SHAPE[1], SHAPE[0]], "axes": [1, 0], "scale": [SCALE], "zero_point": [0.0],
        "low": LOW, "high": HIGH, "rounding": "HALF_EVEN", "integer": False, "thresholds": None, "descending": None,
    }  # fmt: skip
    tail = {"scale": [OUT_SCALE] * CLASSES, "offset": list(OUT_OFFSET), "axes": [0], "model_shape": [CLASSES]}
    registers = {name: {"index": i, "access": "r", "fields": FIELDS.get(name, {})} for name, i in REGISTERS.items()}
    return {
        "format": 2, "model": "sums", "board": "zcu104", "io": "axi", "build": BUILD, "clock_mhz": CLOCK,
        "files": {"bitfile": "sums.bit", "handoff": "sums.hwh", "samples": "samples.npz"},
        "cells": {"dma": "dma", "accelerator": "accelerator"},
        "cycles": {"interval": INTERVAL, "first_frame": FIRST, "source": "measured (RTL)"},
        "input": {**INPUT, "shape": list(SHAPE)}, "output": {**OUTPUT, "shape": [CLASSES]},
        "head": head, "tail": {**tail, "labels": []},
        "register_map": {"magic": MAGIC, "version": VERSION, "registers": registers}, **changes,
    }  # fmt: skip


def write_package(folder: Path, **changes: Any) -> Path:
    """Write a package whose manifest has these changes; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    stated = manifest(**changes)
    for role in {"bitfile", "handoff"} & set(stated["files"]):
        (folder / stated["files"][role]).write_text(role)
    x = frames(37, seed=5)
    q = np.clip(np.round(x / SCALE), LOW, HIGH).astype(int).transpose(0, 2, 1)
    np.savez(
        folder / "samples.npz", inputs=x, outputs=network(q), labels=np.full(len(x), -1), source="random",
        edges=np.zeros((0, 2), np.int64), joints=0,
    )  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(stated))
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name != "SHA256SUMS")
    sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


def decode(data: np.ndarray, port: Mapping[str, Any]) -> list[int]:
    """The integers of packed words, one by one."""
    found = []
    size = port["bytes_per_word"]
    for at in range(0, len(data), size):
        word = int.from_bytes(data[at : at + size].tobytes(), "little")
        for lane in range(port["lanes"]):
            value = word >> lane * port["bits"] & (1 << port["bits"]) - 1
            negative = port["signed"] and value >> port["bits"] - 1
            found.append(value - (1 << port["bits"]) if negative else value)
    return found


class Buffer:
    """Two views: ``array``, the processor's, and what the DMA sees; only flush and invalidate make them equal."""

    def __init__(self, board: FakeBoard, address: int, size: int) -> None:
        self._board, self.device_address, self.size = board, address, size
        self.array = np.full(size, 0xA5, np.uint8)
        self._board.memory[address : address + size] = 0x5A

    def flush(self, size: int) -> None:
        self._memory[:size] = self.array[:size]

    def invalidate(self, size: int) -> None:
        self.array[:size] = self._memory[:size]

    def free(self) -> None:
        self._board.freed_in_use += self._board.dma.left is not None and not self._board.others
        self._board.buffers.remove(self)

    @property
    def _memory(self) -> np.ndarray:
        return self._board.memory[self.device_address : self.device_address + self.size]


@dataclass
class FakeBoard:
    """An ``AxiHost``. What goes wrong is set by its attributes; ``events`` is what happened.

    Attributes:
        room: bytes of memory.
        polls: how often DMASR is read before a transfer is done.
        error: bits that S2MM's DMASR shows when a transfer should have been done.
        hang: transfers never end; short: bytes that are missing; halts: channels never start; stuck: no reset ends.
        trickle: while it hangs, frames go on being counted for so many looks at FRAMES_OUT.
        dead_clock: CYCLES stands still; cycles_per_read: how far it goes at each look.
        compute, input, output: what the accelerator does, and how its frames travel, as a manifest has it.
    """

    room: int = 1 << 20
    polls: int = 1
    error: int = 0
    hang: bool = False
    short: int = 0
    halts: bool = False
    stuck: bool = False
    trickle: int = 0
    dead_clock: bool = False
    cycles_per_read: int = 100_000
    frame_error: bool = False
    base: int = 0x1000
    build: int = BUILD
    magic: int = MAGIC
    version: int = VERSION
    rails: dict[str, float] = field(default_factory=dict)
    clock: float | None = 99.99
    compute: Callable[[np.ndarray], np.ndarray] = network
    input: Mapping[str, Any] = field(default_factory=lambda: {**INPUT, "shape": SHAPE})
    output: Mapping[str, Any] = field(default_factory=lambda: OUTPUT)

    def __post_init__(self) -> None:
        self.memory = np.zeros(self.base + self.room, np.uint8)
        self.buffers: list[Buffer] = []
        self.events: list[str] = []
        self.dma, self.accelerator = _Dma(self), _Accelerator(self)
        self.weights: _Dma | None = None  # this accelerator has all that it needs
        self.downloads = self.closes = 0
        self.others = False  # another overlay was loaded since
        self.held_at_download = 0  # buffers
        self.freed_in_use = 0  # buffers given back while a transfer was under way
        self.broken = False  # a download does not help against ``stuck``

    def download(self) -> None:
        self.downloads += 1
        self.others, self.held_at_download = False, len(self.buffers)
        if self.downloads > 1 and not self.broken:
            self.stuck = False

    def loaded(self) -> bool:
        return not self.others

    def allocate(self, size: int) -> Buffer:
        address = self.base
        for used in sorted(self.buffers, key=lambda b: b.device_address):
            if used.device_address - address >= size:
                break
            address = -(-(used.device_address + used.size) // 64) * 64
        if address + size > len(self.memory):
            raise MemoryError
        self.buffers.append(Buffer(self, address, size))
        return self.buffers[-1]

    def clock_mhz(self) -> float | None:
        return self.clock

    def watts(self) -> dict[str, float]:
        return dict(self.rails)

    def close(self) -> None:
        self.closes += 1


class _Accelerator:
    def __init__(self, board: FakeBoard) -> None:
        self.board, self.cycles, self.frames, self.tricklings = board, 7, 0, 0

    def read(self, offset: int) -> int:
        board = self.board
        name = {4 * index: name for name, index in REGISTERS.items()}[offset]
        if name == "CYCLES" and not board.dead_clock:
            self.cycles = (self.cycles + board.cycles_per_read) % 2**32
        if name == "FRAMES_OUT" and board.trickle:
            board.trickle -= 1
            self.tricklings += 1
        values = {
            "MAGIC": board.magic, "BUILD": board.build % 2**32, "VERSION": board.version, "CLOCK_HZ": 100_000_000,
            "FRAMES_IN": self.frames, "FRAMES_OUT": self.frames + self.tricklings, "CYCLES": self.cycles,
            "ERRORS": int(board.frame_error), "CONTROL": 0,
        }  # fmt: skip
        return values[name]

    def write(self, offset: int, value: int) -> None:
        assert offset == 4 * REGISTERS["CONTROL"], "only CONTROL can be written"
        self.board.events.append(f"control {value}")
        self.frames = self.tricklings = 0
        self.board.frame_error = False


class _Dma:
    """The registers of AMD PG021, simple mode: DMACR 0, DMASR 4, address 18, 1C, LENGTH 28; S2MM at 30."""

    def __init__(self, board: FakeBoard) -> None:
        self.board = board
        self.values: dict[int, int] = {}
        self._power_on()

    def _power_on(self) -> None:
        self.values = {0x00: 0x10002, 0x04: 1, 0x30: 0x10002, 0x34: 1}
        self.left: int | None = None

    def read(self, offset: int) -> int:
        if offset == 0x34 and self.left is not None:
            self.left -= 1
            if self.left <= 0 and not self.board.hang:
                self._end()
        return self.values.get(offset, 0)

    def write(self, offset: int, value: int) -> None:
        if offset in (0x00, 0x30) and value & 4:
            self.board.events.append("dma reset")
            self._power_on()
            self.values[offset] |= 4 * self.board.stuck
            return
        self.values[offset] = value
        if offset in (0x00, 0x30) and value & 1 and not self.board.halts:
            self.values[offset + 4] &= ~1
        if offset == 0x58:  # until it is invalidated, the processor may see anything
            self._buffer(self.values[0x48]).array[:] = 0xEE
        if offset in (0x28, 0x58):
            assert not self.values[offset - 0x24] & 1, "the channel is halted"
            assert value < 2**26
            self.values[offset - 0x24] &= ~2
        if offset == 0x28:
            assert not self.values[0x34] & 2, "S2MM must be there before MM2S begins"
            self.board.events.append("start")
            self.left = self.board.polls

    def _buffer(self, address: int) -> Buffer:
        return next(buffer for buffer in self.board.buffers if buffer.device_address == address)

    def _end(self) -> None:
        board, values, self.left = self.board, self.values, None
        values[0x04] |= 2
        if board.error:
            values[0x34] |= board.error | 1
            return
        source, sent, target, room = (values[at] for at in (0x18, 0x28, 0x48, 0x58))
        seen = self._buffer(source).array[:sent]
        assert np.array_equal(seen, board.memory[source : source + sent]), "the input was not flushed, or written to"
        q = np.array(decode(board.memory[source : source + sent], board.input)).reshape(-1, *board.input["shape"])
        y = board.compute(q)
        data = (y % (1 << board.output["bits"])).astype(f"<u{board.output['bytes_per_word']}").tobytes()
        assert len(data) == room, "the lengths of the two transfers do not fit together"
        given = len(data) - board.short
        board.memory[target : target + given] = np.frombuffer(data[:given], np.uint8)
        values[0x58] = given
        values[0x34] |= 2
        board.accelerator.frames += len(q)
        board.events.append("done")
