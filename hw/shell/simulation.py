"""What a shell's simulation gives to a simulated board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Simulation:
    """A compiled accelerator in its shell.

    Attributes:
        library: the shared library.
        about: what whoever loads it must know, as ``simboard.json`` holds it.
        handoff: text of the hardware handoff file, for boards that have one.
    """

    library: Path
    about: Mapping[str, Any]
    handoff: str | None = None
