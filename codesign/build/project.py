"""The build's folder as a tool's project."""

from __future__ import annotations

import re

from codesign.build.config import BuildConfig
from codesign.build.steps.emit import RTL
from codesign.build.steps.size_fifos import DESIGN
from codesign.digests import digest
from hw.design.design import Design
from hw.design.emit import TOP
from hw.synth.project import Project

SYNTH = "synth"
"""Folder of the accelerator's netlist."""


def project(config: BuildConfig) -> Project:
    """Return what a tool needs to make the bitstream; the build's hash is that of the emitted Verilog."""
    design = Design.load(config.output_dir / DESIGN)
    rtl = config.output_dir / RTL
    return Project(
        name=re.sub(r"^(?![A-Za-z])", "model_", re.sub(r"\W", "_", design.name)),
        board=config.target,
        clock_mhz=config.clock_mhz,
        netlist=config.output_dir / SYNTH / f"{TOP}.json",
        rtl=rtl,
        input=design.input,
        output=design.output,
        build=int(digest(rtl)[:8], 16),
        directory=config.output_dir,
        load=design.load_packets(),
    )
