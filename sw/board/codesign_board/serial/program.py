"""Loads a bitstream over USB, with whichever of the open tools is installed."""

from __future__ import annotations

import shutil
import subprocess

from codesign_board.errors import PlaceError
from codesign_board.package import Package

LIMIT_S = 120
"""Seconds that loading may take."""


def program_board(package: Package) -> None:
    """Load the package's bitfile into the board that is plugged in.

    Raises:
        PackageError: the package has none.
        PlaceError: neither openFPGALoader nor fujprog is installed, or it failed.
    """
    bitfile = str(package.file("bitfile"))
    commands = (["openFPGALoader", "-b", package.board, bitfile], ["fujprog", bitfile])
    command = next((command for command in commands if shutil.which(command[0])), None)
    if command is None:
        raise PlaceError(
            "Neither openFPGALoader nor fujprog is installed: install one, or load the bitstream otherwise and leave "
            "out program=True."
        )
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=LIMIT_S)
    except subprocess.TimeoutExpired as error:
        raise PlaceError(f"{' '.join(command)} was not done after {LIMIT_S} s: is the board plugged in?") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise PlaceError(f"{' '.join(command)} failed: {''.join(said) or f'exit status {done.returncode}'}")
