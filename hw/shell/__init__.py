"""What stands between an accelerator and its host: the register map, and a shell for each kind of link."""

from __future__ import annotations

import importlib
from types import ModuleType


def shells() -> dict[str, ModuleType]:
    """For each ``io`` that a board can declare, the module that says all of its link."""
    return {io: importlib.import_module(f"hw.shell.{io}.link") for io in ("uart", "axi")}
