"""What a board declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codesign.errors import UserError

FAMILIES = ("ecp5", "xc7", "xcup")


@dataclass(frozen=True)
class Board:
    """One board: its part, what the part holds, its clocks, how data gets in and out, and the tool for its bitstream.

    A board is one file in this folder that assigns one to ``BOARD``; its name is the file's stem. Files of that stem
    beside it (``ulx3s.lpf``, ``ulx3s_top.sv``) are its constraints and its top wrapper.

    Attributes:
        name: as in ``--board``.
        title: for people.
        family: ``ecp5``, ``xc7`` or ``xcup``.
        part: the maker's full name of the part.
        package: as the bitstream tool names it.
        speed: speed grade, as the bitstream tool names it.
        oscillator_mhz: the clock that the board gives the fabric.
        clock_mhz: the accelerator's clock where nobody asks for another.
        luts: LUT4 (ecp5) or LUT6 (AMD).
        ffs: flip-flops.
        bram: block RAM in units of 18 kbit.
        dsp: MULT18X18D (ecp5) or DSP48 (AMD).
        io: ``uart`` or ``axi``.
        tool: file in ``hw/synth`` that makes the bitstream, by the tool's name.
        uram: ultra RAM blocks.
        target_fps: frames a second that a build folds for where nobody asks for another rate.
        finn_name: FINN's name of the board, empty where it has none.
        hls4ml_name: hls4ml's name of the board, empty where it has none.
        vivado: what only Vivado's project needs (board part, processing system IP…).
    """

    name: str
    title: str
    family: str
    part: str
    package: str
    speed: str
    oscillator_mhz: float
    clock_mhz: float
    luts: int
    ffs: int
    bram: int
    dsp: int
    io: str
    tool: str
    uram: int = 0
    target_fps: float = 10_000
    finn_name: str = ""
    hls4ml_name: str = ""
    vivado: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise UserError(f"Board {self.name} family must be one of {', '.join(FAMILIES)}, not {self.family!r}")
        if self.io not in ("uart", "axi"):
            raise UserError(f"Board {self.name} io must be uart or axi, not {self.io!r}")

    def file(self, suffix: str) -> Path:
        """Return the path of this board's file of that suffix, such as ``.lpf``.

        Raises:
            UserError: where the board has none.
        """
        path = Path(__file__).parent / f"{self.name}{suffix}"
        if not path.is_file():
            raise UserError(
                f"Board {self.name} has no file {path.name}, which its bitstream needs: add it to {path.parent}"
            )
        return path
