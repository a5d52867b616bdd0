"""Which of hls4ml's back ends serves a board: with a block design and driver where hls4ml knows it, else an IP core."""

from __future__ import annotations

from dataclasses import dataclass

import boards
from boards.board import Board
from codesign.errors import UserError

IP_FAMILIES = ("xc7", "xcup")
BLOCK_DESIGN_MHZ = 100.0
"""The clock of hls4ml's block designs, which their Tcl leaves at the board preset's."""
DMA_CELL = "hier_0/axi_dma_0"
"""The DMA in hls4ml's block designs, as PYNQ names it."""
WORD_BITS = 32
"""What the AXI streams of hls4ml's wrapper carry: one integer a word."""


@dataclass(frozen=True)
class Target:
    """Where a project is for.

    Attributes:
        backend: hls4ml's: ``VivadoAccelerator`` or ``Vitis``.
        part: AMD's name.
        board: hls4ml's name of the board, empty for an IP core.
        clock_mhz: the accelerator's clock.
    """

    backend: str
    part: str
    board: str
    clock_mhz: float

    @property
    def tools(self) -> dict[str, str]:
        """The programs that build the project, each with its name for people."""
        if self.backend == "Vitis":
            return {"vitis-run": "Vitis HLS"}
        return {"vivado_hls": "Vivado HLS 2020.1 or older", "vivado": "Vivado"}


def target_of(board: Board, clock_mhz: float) -> Target:
    """Return the target for one of our boards.

    Raises:
        UserError: where hls4ml cannot build for its part.
    """
    if board.family not in IP_FAMILIES:
        raise UserError(
            f"hls4ml builds for AMD's parts only, and {board.name} has a {board.part}: choose another --board "
            f"({known()}), or --backend own."
        )
    backend = "VivadoAccelerator" if board.hls4ml_name else "Vitis"
    return Target(backend, board.part, board.hls4ml_name, clock_mhz)


def clock_of(board: Board, asked_mhz: float | None) -> float:
    """Return the clock in MHz that a project for ``board`` gets where ``asked_mhz`` was asked for.

    Raises:
        UserError: hls4ml's block design for the board has another clock.
    """
    if not board.hls4ml_name:
        return asked_mhz or board.clock_mhz
    if asked_mhz not in (None, BLOCK_DESIGN_MHZ):
        raise UserError(
            f"hls4ml's block design for {board.name} has a clock of {BLOCK_DESIGN_MHZ:g} MHz, not {asked_mhz:g}: leave "
            "out --clock."
        )
    return BLOCK_DESIGN_MHZ


def known() -> str:
    """Which boards hls4ml knows, as a clause."""
    amd = [board for board in map(boards.get, boards.names()) if board.family in IP_FAMILIES]
    whole = ", ".join(board.name for board in amd if board.hls4ml_name)
    core = ", ".join(board.name for board in amd if not board.hls4ml_name)
    return f"with block design and driver: {whole}; as an IP core for the part: {core}"
