"""What the toolchain asks of an AXI link: its shell, what a word takes on it, and a simulation of both."""

from __future__ import annotations

from dataclasses import asdict

from boards.board import Board
from hw.design.loads import LoadPackets
from hw.design.stream import Port, Stream
from hw.shell.axi.addresses import ADDRESSES
from hw.shell.axi.handoff import cells, handoff
from hw.shell.axi.shell import AxiShell, beat_bits
from hw.shell.axi.simulation import compile_board
from hw.shell.simulation import Simulation
from hw.synth.project import Project

LOADS = True
"""Whether weights can be loaded."""
MOST_WORDS = 1 << 20
"""Words of an input frame that room is kept for; more take a few LUTs more."""


def made_clock_mhz(board: Board, clock_mhz: float) -> float:
    """The clock asked for: what the processing system makes of it is known once Vivado has configured it."""
    return clock_mhz


def link_fps(source: Port, result: Port) -> None:
    """Not known here: the memory of the board decides, and a word a cycle is what the shell takes."""


def word_bytes(stream: Stream) -> int:
    """Bytes that a word takes in a DMA's buffer."""
    return beat_bits(stream.data_bits) // 8


def check_load(board: Board, load: LoadPackets) -> None:
    """A board with AXI takes weights by a DMA of their own."""


def shell_of(project: Project) -> AxiShell:
    """The shell of a project's accelerator."""
    load = project.load
    return AxiShell(
        project.input.stream.data_bits,
        project.output.stream.data_bits,
        project.input.words,
        project.build,
        round(project.clock_mhz * 1e6),
        len(load.start),
        load.packet_words,
    )


def largest(board: Board, bits: int) -> AxiShell:
    """The shell of an accelerator that is not made yet: words of ``bits`` at both ends, long frames."""
    return AxiShell(bits, bits, MOST_WORDS)


def simulate(project: Project) -> Simulation:
    """Compile the accelerator in its shell."""
    shell, board = shell_of(project), project.board
    addresses = asdict(ADDRESSES[board.family])
    return Simulation(
        compile_board([*project.sources, *shell.emit(project.directory / "board")], weights=shell.loads),
        {
            "addresses": {name: addresses[name] for name in (*cells(shell), "range")},
            "beat_bytes": {"input": shell.s_tdata_bits // 8, "output": shell.m_tdata_bits // 8},
            "cells": cells(shell),
        },
        handoff(shell, board.family, project.clock_mhz),
    )
