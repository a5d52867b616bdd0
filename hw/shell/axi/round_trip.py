"""Frames through the simulated AXI shell and back, as a DMA would send and take them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from boards.board import Board
from codesign.errors import VerificationFailed
from hw.design.stream import Port, Stream
from hw.shell import registers
from hw.shell.axi.bench import Bench, Master, Signals, Source, build
from hw.shell.axi.shell import AxiShell, beat_bits
from hw.shell.trip import READ, Trip
from hw.synth.project import Project

STALL = 0.2
PATIENCE = 2_000_000
"""Cycles until a round trip is given up."""

MOST_WORDS = 1 << 20
"""Words of an input frame that room is kept for; more take a few LUTs more."""


class Taker:
    """Takes beats and keeps them as (data, last)."""

    def __init__(self) -> None:
        self.beats: list[tuple[int, int]] = []

    def drive(self) -> Signals:
        return {"m_axis_tready": 1}

    def observe(self, seen: Signals) -> None:
        if seen["m_axis_tvalid"]:
            self.beats.append((seen["m_axis_tdata"], seen["m_axis_tlast"]))


def made_clock_mhz(board: Board, clock_mhz: float) -> float:
    """The clock asked for: what the processing system makes of it is known once Vivado has configured it."""
    return clock_mhz


def link_fps(source: Port, result: Port) -> None:
    """Not known here: the memory of the board decides, and a word a cycle is what the shell takes."""


def word_bytes(stream: Stream) -> int:
    """Bytes that a word takes in a DMA's buffer."""
    return beat_bits(stream.data_bits) // 8


def shell_of(project: Project) -> AxiShell:
    """The shell of a project's accelerator."""
    return AxiShell(
        project.input.stream.data_bits,
        project.output.stream.data_bits,
        project.input.words,
        project.build,
        round(project.clock_mhz * 1e6),
    )


def largest(board: Board, bits: int) -> AxiShell:
    """The shell of an accelerator that is not made yet: words of ``bits`` at both ends, long frames."""
    return AxiShell(bits, bits, MOST_WORDS)


def simulate(project: Project, words: np.ndarray) -> Trip:
    """Send frames (int64 [frames, words, lanes]) through the shell and the accelerator; read the registers."""
    library = build([*project.sources, *shell_of(project).emit(project.directory / "board")])
    here = Path.cwd()
    os.chdir(project.rtl)  # $readmemh runs at the first evaluation
    try:
        bench = Bench(library)
    finally:
        os.chdir(here)
    count, out = len(words), project.output
    beats = [(value, int(end)) for value, end in zip(_values(words, project.input.stream), _ends(words), strict=True)]
    source, taker = Source(beats, STALL, seed=1), Taker()
    while len(taker.beats) < count * out.words:
        try:
            bench.run((source, taker), bench.cycle + 1_000)
        except AssertionError as broken:  # the bench's word for a broken rule of AXI
            raise VerificationFailed(f"The simulated AXI shell breaks a rule of AXI: {broken}.") from broken
        if bench.cycle > PATIENCE:
            raise VerificationFailed(
                f"The simulated AXI shell gave {len(taker.beats)} of {count * out.words} words in {PATIENCE} cycles."
            )
    master = Master([(4 * registers.register(name).index,) for name in READ])
    bench.run((master,), bench.cycle + 1_000)
    got = np.array([data for data, _ in taker.beats], np.uint64)
    ends = [end for _, end in taker.beats]
    if ends != [int(i % out.words == out.words - 1) for i in range(len(ends))]:
        raise VerificationFailed("The simulated AXI shell's TLAST does not end each frame.")
    held = dict(zip(READ, master.answers, strict=True))
    trip = Trip(_lanes(got, out.stream).reshape(count, out.words, -1), bench.cycle, held)
    return trip.check(project.build, count)


def _values(words: np.ndarray, stream: Stream) -> list[int]:
    """A beat's TDATA for each word."""
    masked = words.reshape(-1, stream.lanes).astype(np.uint64) & np.uint64((1 << stream.bits) - 1)
    shifted = masked << (np.arange(stream.lanes, dtype=np.uint64) * np.uint64(stream.bits))
    return [int(v) for v in np.bitwise_or.reduce(shifted, axis=1)]


def _ends(words: np.ndarray) -> np.ndarray:
    return np.arange(words.shape[0] * words.shape[1]) % words.shape[1] == words.shape[1] - 1


def _lanes(values: np.ndarray, stream: Stream) -> np.ndarray:
    """The integers of each beat's TDATA, int64 [words, lanes]."""
    shifts = np.arange(stream.lanes, dtype=np.uint64) * np.uint64(stream.bits)
    lanes = ((values[:, None] >> shifts) & np.uint64((1 << stream.bits) - 1)).astype(np.int64)
    return lanes - ((lanes >> (stream.bits - 1)) << stream.bits) if stream.signed else lanes
