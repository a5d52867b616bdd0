"""Where the commands print."""

from __future__ import annotations

import sys

from rich.console import Console

WIDTH = 160
"""Columns of what goes to a file or another program, which tell rich of 80."""


def output() -> Console:
    """The console of standard output, wide enough for the tables where it is no terminal."""
    return Console(width=None if sys.stdout.isatty() else WIDTH)
