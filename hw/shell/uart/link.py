"""What the toolchain asks of a serial link: its shell, what a word takes on it, and a simulation of both."""

from __future__ import annotations

from codesign_board.serial.sequence import PACKET_BYTES

from boards.board import Board
from codesign.errors import UserError
from hw.design.loads import LoadPackets
from hw.design.stream import Port, Stream
from hw.shell.simulation import Simulation
from hw.shell.uart.shell import FASTEST, SHORTEST, UartShell, pll
from hw.shell.uart.simulation import compile_library
from hw.synth.project import Project

LOADS = False
"""Whether weights can be loaded."""
PACKET_OVERHEAD = 6
"""Bytes around a packet's payload, at least: two flags, header, CRC, and what has to be escaped."""


def made_clock_mhz(board: Board, clock_mhz: float) -> float:
    """The clock that the board's PLL makes of the one asked for.

    Raises:
        UserError: none comes near it.
    """
    return pll(board.oscillator_mhz, clock_mhz).mhz


def link_fps(source: Port, result: Port) -> float:
    """Frames a second that the line carries at its fastest: ten bits a byte, packets of 256 with six bytes around them.

    Both directions go on at once, so the longer one counts.
    """
    most = max(port.words * word_bytes(port.stream) for port in (source, result))
    return FASTEST / (10 * most * (1 + PACKET_OVERHEAD / PACKET_BYTES))


def word_bytes(stream: Stream) -> int:
    """Bytes that a word takes on the link."""
    return -(-stream.data_bits // 8)


def check_load(board: Board, load: LoadPackets) -> None:
    """Refuse weights that are to be loaded: there is no way in for them.

    Raises:
        UserError: there are any.
    """
    if load:
        raise UserError(
            f"{board.name} is on a serial line, and this design loads {len(load.start) + load.frame_words:,} words of "
            f"weights from the host's memory: build for a board with AXI, or with --stream-weights never and no memory "
            f"ultra in the folding."
        )


def shell_of(project: Project) -> UartShell:
    """The shell of a project's accelerator.

    Raises:
        UserError: see ``check_load``.
    """
    check_load(project.board, project.load)
    return UartShell(
        project.input.stream.data_bits,
        project.output.stream.data_bits,
        project.board,
        project.build,
        project.clock_mhz,
    )


def largest(board: Board, bits: int) -> UartShell:
    """The shell of an accelerator that is not made yet: words of ``bits`` at both ends."""
    return UartShell(bits, bits, board)


def simulate(project: Project) -> Simulation:
    """Compile the whole board top, at the shortest bit time: the line is what takes long."""
    shell = shell_of(project)
    sources = [*project.sources, *shell.emit(project.directory / "board")]
    library = compile_library(shell.top, sources, {**shell.parameters(), "EIGHTHS": SHORTEST})
    return Simulation(library, {"eighths": SHORTEST, "baud": shell.baud})
