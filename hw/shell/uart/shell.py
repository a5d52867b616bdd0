"""The UART shell of one accelerator on one ECP5 board: which files, with which parameters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import boards
from codesign.errors import UserError
from codesign.files import write_text
from hw.kernels.kernel import Resources
from hw.shell import registers

HERE = Path(__file__).parent
SOURCES = (
    "uart_rx.sv", "uart_tx.sv", "packet_receiver.sv", "packet_sender.sv", "stream_in.sv", "stream_out.sv",
    "uart_shell.sv",
)  # fmt: skip
INCLUDE = '    `include "registers.svh"\n'
FASTEST = 3_000_000
SHORTEST = 32
"""Eighths of a clock in a bit, at least: a byte's CRC takes eight cycles in each direction."""


@dataclass(frozen=True)
class Pll:
    """Dividers of an ECP5's PLL.

    Attributes:
        parameters: of EHXPLLL.
        mhz: what comes out.
    """

    parameters: dict[str, int]
    mhz: float


def pll(oscillator_mhz: float, clock_mhz: float) -> Pll:
    """Return the dividers that come closest to a clock.

    Raises:
        UserError: nothing comes within 1 %.
    """
    choices = []
    for reference in range(1, 9):  # the phase detector takes 3.125 MHz and more
        if oscillator_mhz / reference < 3.125:
            continue
        for feedback in range(1, 81):
            made = oscillator_mhz * feedback / reference
            # The oscillator inside runs at 400 to 800 MHz; the middle leaves room on both sides.
            output = max(1, min(128, round(600 / made)))
            if 400 <= made * output <= 800:
                choices.append((abs(made - clock_mhz), reference, feedback, output, made))
    error, reference, feedback, output, made = min(choices)
    if error > clock_mhz / 100:
        raise UserError(f"The PLL makes no {clock_mhz:g} MHz from {oscillator_mhz:g}: the closest is {made:g} MHz")
    return Pll({"CLKI_DIV": reference, "CLKFB_DIV": feedback, "CLKOP_DIV": output}, made)


@dataclass(frozen=True)
class UartShell:
    """What the shell around an accelerator is built for.

    Attributes:
        s_data_bits: bits of an input word's data, without ``last``.
        m_data_bits: bits of an output word's.
        board: with a UART.
        build: hash of the build, 32 bits, which the register BUILD returns.
        clock_mhz: the accelerator's clock, None for the board's.
        baud: bits a second on the line.
    """

    s_data_bits: int
    m_data_bits: int
    board: boards.Board
    build: int = 0
    clock_mhz: float | None = None
    baud: int = FASTEST

    def __post_init__(self) -> None:
        if self.board.io != "uart":
            raise UserError(f"Board {self.board.name} has no UART to the fabric: its io is {self.board.io}")
        if self.eighths < SHORTEST:
            raise UserError(
                f"UART baud must be at most {self.pll.mhz * 8e6 / SHORTEST:.0f} at a clock of {self.pll.mhz:g} MHz, "
                f"not {self.baud}"
            )

    @property
    def top(self) -> str:
        """Name of the top module."""
        return f"{self.board.name}_top"

    @property
    def pll(self) -> Pll:
        return pll(self.board.oscillator_mhz, self.clock_mhz or self.board.clock_mhz)

    @property
    def eighths(self) -> int:
        """Eighths of a clock in a bit of the line."""
        return round(self.pll.mhz * 8e6 / self.baud)

    def parameters(self) -> dict[str, int]:
        """Parameters of the top module."""
        return {
            "S_BITS": self.s_data_bits + 1,
            "M_BITS": self.m_data_bits + 1,
            "EIGHTHS": self.eighths,
            "CLOCK_HZ": round(self.pll.mhz * 1e6),
            "BUILD": self.build,
            **self.pll.parameters,
        }

    def resources(self) -> Resources:
        """What the top takes of an ECP5 beside the accelerator: a model, fitted to yosys 0.70."""
        return Resources(lut=900, ff=530 + self.s_data_bits + self.m_data_bits, bram=2)

    def emit(self, directory: Path) -> list[Path]:
        """Write the sources into ``directory`` and return them, the top module's last, without the accelerator."""
        paths = [*(HERE / name for name in SOURCES), self.board.file("_top.sv")]
        for path in paths:
            write_text(directory / path.name, path.read_text().replace(INCLUDE, registers.header()))
        return [directory / path.name for path in paths]
