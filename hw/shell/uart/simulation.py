"""Compiles a board's whole top, UART included, to the library that ``simulated_board`` loads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from hw.shell.uart.simulated_board import SimulatedBoard
from hw.sim.tops import compile_top

_HARNESS = Path(__file__).with_name("simulation.cpp")


def compile_board(
    top: str, sources: Sequence[Path], parameters: Mapping[str, int | str], *, data: Path | None = None
) -> SimulatedBoard:
    """Return a board of ``compile_library``, on a line of its bit time; ``data``: folder of its memories' files."""
    return SimulatedBoard(compile_library(top, sources, parameters), int(parameters["EIGHTHS"]), data)


def compile_library(top: str, sources: Sequence[Path], parameters: Mapping[str, int | str]) -> Path:
    """Return the library that simulates a board's top module, which has the ports of ``ulx3s_top``.

    Args:
        top: name of the module.
        sources: all of the RTL; included files lie beside.
        parameters: of the top module; ``EIGHTHS`` is the bit time of the line that ``SimulatedBoard`` is on, too.

    Raises:
        MissingTool: without Verilator or a C++ compiler.
        ToolFailed: where one of them refuses.
    """
    return compile_top(top, sources, parameters, _HARNESS.read_text(), defines=("SIMULATION",))


def simulate_board_top(
    top: str, sources: Sequence[Path], parameters: Mapping[str, int | str], data: bytes | Sequence[int], cycles: int,
    *, memories: Path | None = None,
) -> bytes:  # fmt: skip
    """Return what a board's top module sends in ``cycles`` cycles after it is sent ``data``; see ``compile_board``."""
    board = compile_board(top, sources, parameters, data=memories)
    try:
        return board.run(data, cycles)
    finally:
        board.close()
