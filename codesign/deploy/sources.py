"""Where the files that a package carries along lie: beside ``sw/__init__.py``, in a checkout and when installed."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

DRIVER = Path(str(files("sw"))) / "board"
"""A distribution's root: its ``pyproject.toml`` is here."""
NOTEBOOKS = Path(str(files("sw"))) / "notebooks"
