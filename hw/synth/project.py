"""What a tool is given to make a bitstream of."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from boards.board import Board
from hw.design.loads import LoadPackets
from hw.design.stream import Port


@dataclass(frozen=True)
class Project:
    """An emitted accelerator and the board that it goes to.

    Attributes:
        name: a word; files are named after it.
        board: the board.
        clock_mhz: the accelerator's clock.
        netlist: the accelerator's mapped netlist, in yosys' JSON form.
        rtl: folder of the emitted Verilog and memory files.
        input, output: the accelerator's ports.
        build: hash of the build, 32 bits, which the register BUILD returns.
        directory: the build's output folder.
        load: the weights that are loaded, if there are any.
    """

    name: str
    board: Board
    clock_mhz: float
    netlist: Path
    rtl: Path
    input: Port
    output: Port
    build: int
    directory: Path
    load: LoadPackets = field(default_factory=LoadPackets)

    @property
    def sources(self) -> list[Path]:
        """The accelerator's Verilog."""
        return sorted(self.rtl.glob("*.sv"))

    @property
    def memories(self) -> list[Path]:
        """The files that it reads by ``$readmemh``."""
        return sorted(self.rtl.glob("*.hex"))
