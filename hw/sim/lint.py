"""What Verilator's lint says of RTL."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from codesign.files import cache_folder
from hw.sim.build import verilog_parameters
from hw.sim.tools import run_tool, verilator


def lint(top: str, sources: Sequence[Path], parameters: Mapping[str, int | str] | None = None) -> list[str]:
    """Return the warnings of ``verilator --lint-only -Wall``, one a line, empty where there is none.

    Raises:
        MissingTool: without Verilator.
        ToolFailed: where the sources have errors.
    """
    tool = verilator()
    files = [str(Path(source).resolve()) for source in sources]
    options = ["--lint-only", "-Wall", "-Wno-fatal", "--no-timing", "--top-module", top]
    command = [str(tool.binary), *options, *verilog_parameters(parameters or {}), *files]
    with tempfile.TemporaryDirectory() as folder:
        log = cache_folder() / "sim" / f"lint-{top}.log"
        printed = run_tool("Verilator's lint", command, Path(folder), log, tool.environment)
    return [line for line in printed.splitlines() if line.startswith("%Warning")]
