"""A simulated board on a pseudo-terminal, for whatever opens serial ports.

``python -m sw.simboard FOLDER --pty`` prints the device file's path, and runs the board until it is interrupted. The
signal USR1 pulls the cable, and plugs it in again the next time; USR2 presses the reset button.
"""

from __future__ import annotations

import argparse
import signal
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue

from codesign_board.errors import PlaceError

from hw.shell.uart.simulated_board import SimulatedBoard
from sw.simboard.line import Line, LineFaults
from sw.simboard.system import about


def plugged_in(folder: Path, faults: LineFaults | None = None, port: Path | None = None) -> Line:
    """Plug in the simulated board of a build, of an accelerator with a serial line.

    Args:
        folder: the build's ``simboard/``.
        faults, port: see ``Line``.

    Raises:
        PlaceError: it is no simulated board, or has no serial line; the port's path is in use.
    """
    found = about(folder)
    if found["io"] != "uart":
        raise PlaceError(f"The simulated board {folder} has no serial line: its io is {found['io']}.")
    library, memories = folder / found["library"], folder / found["memories"]
    return Line(lambda: SimulatedBoard(library, found["eighths"], memories), found["baud"], faults, port)


def main(argv: Sequence[str]) -> None:
    """Plug a board in, print the path of its serial port, and run it until interrupted."""
    options = _parser().parse_args(argv)
    faults = LineFaults(options.flip, options.drop, options.duplicate)
    came = SimpleQueue[int]()  # acted on one after the other
    for taken in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(taken, lambda number, _: came.put(number))
    try:
        line = plugged_in(options.folder, faults, options.port)
    except PlaceError as error:
        raise SystemExit(str(error)) from None
    with line:
        print(line.port, flush=True)
        while (number := came.get()) in (signal.SIGUSR1, signal.SIGUSR2):
            if number == signal.SIGUSR2:
                line.press()
            elif line.plugged:
                line.pull()
            else:
                line.plug()


def _parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser("python -m sw.simboard", description="Run a simulated board on a serial port.")
    found.add_argument("folder", type=Path, help="the folder simboard/ of a build for a board with a serial line")
    found.add_argument("--pty", action="store_true", required=True, help="show the serial line as a device file")
    found.add_argument("--port", type=Path, help="path of the device file; one of its own where none is given")
    for name, what in (("flip", "one of its bits flips"), ("drop", "it is lost"), ("duplicate", "it comes twice")):
        found.add_argument(f"--{name}", type=float, default=0.0, help=f"probability, for each byte, that {what}")
    return found
