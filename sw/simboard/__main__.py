"""Run a script or a module as it would run on a board with PYNQ, on a simulated board, much as ``coverage run`` does.

``python -m sw.simboard FOLDER [--fault NAME[:N]]… (SCRIPT | -m MODULE) ARGS…``, with the Python of an environment that
has stock pynq. FOLDER is the folder ``simboard/`` of a build. ``python -m sw.simboard FOLDER --pty`` is of ``serve``.
"""

from __future__ import annotations

import argparse
import os
import runpy
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
VARIABLE = "CODESIGN_SIMBOARD"
"""The environment variable that holds the folder for whoever starts Python processes in turn."""


def parser() -> argparse.ArgumentParser:
    """Return what parses the options, as far as the script or ``-m``."""
    found = argparse.ArgumentParser(
        "python -m sw.simboard",
        "python -m sw.simboard FOLDER [options] (SCRIPT | -m MODULE) ARGS...",
        description="Run a script or a module under stock pynq on a simulated board.",
        epilog="python -m sw.simboard FOLDER --pty shows a simulated board with a serial line as a device file.",
    )
    found.add_argument("folder", type=Path, help="the folder simboard/ of a build")
    found.add_argument("--fault", action="append", default=[], help="what goes wrong: NAME, or NAME:N for the Nth time")
    found.add_argument("--stalls", type=float, default=0.0, help="probability that a stream rests in a cycle")
    found.add_argument("--memory", type=int, default=256 << 20, help="bytes of memory that buffers can have in all")
    return found


def main(argv: Sequence[str]) -> None:
    """Boot the board, then become the script or module."""
    if find_spec("codesign_board") is None:
        sys.path.append(str(ROOT / "sw" / "board"))
    if "--pty" in argv[1:2]:
        from sw.simboard import serve

        return serve.main(argv)
    start = _command(argv)
    options, command = parser().parse_args(argv[:start]), argv[start:]
    if not command or command == ["-m"]:
        _fail(2, "There is nothing to run: give a script, or -m and a module.")
    module = command[1] if command[0] == "-m" else None
    if module is None and not Path(command[0]).is_file():
        _fail(2, f"There is no script {command[0]}.")
    _boot(options)
    if module is not None:
        sys.argv = ["-m", *command[2:]]  # runpy puts the module's file in the first place
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    else:
        sys.argv = list(command)
        sys.path[0] = str(Path(command[0]).resolve().parent)
        runpy.run_path(command[0], run_name="__main__")


def _command(argv: Sequence[str]) -> int:
    """Return where the script or ``-m`` stands: after the folder, and not an option's value."""
    words = enumerate(argv)
    next(words, None)
    for at, word in words:
        if word == "-m" or not word.startswith("-"):
            return at
        if "=" not in word and word not in ("-h", "--help"):
            next(words, None)
    return len(argv)


def _boot(options: argparse.Namespace) -> None:
    """Make the simulated board what pynq runs on."""
    from codesign_board.errors import PlaceError

    from sw.simboard.system import System

    if find_spec("pynq") is None:
        _fail(3, f"pynq is missing in {sys.prefix}: run this with the Python of an environment that has it.")
    try:
        system = System(options.folder, options.fault, options.stalls, memory=options.memory)
    except PlaceError as error:
        _fail(2, str(error))
    from sw.simboard.pynq_device import SimulatedDevice

    SimulatedDevice.install(system)
    os.environ["BOARD"] = system.board.upper().replace("_", "-")
    os.environ[VARIABLE] = str(options.folder.resolve())


def _fail(status: int, text: str) -> None:
    print(text, file=sys.stderr)
    raise SystemExit(status)


if __name__ == "__main__":
    main(sys.argv[1:])
