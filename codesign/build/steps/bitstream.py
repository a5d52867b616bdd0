"""The board's bitstream, by the board's tool."""

from __future__ import annotations

import logging

from codesign.build.config import BuildConfig
from codesign.build.project import SYNTH, project
from codesign.build.step import Step
from codesign.build.steps.emit import RTL
from codesign.build.steps.size_fifos import DESIGN
from hw.synth.tool import bitstream_maker

BITFILE = "bitfile"


def run(config: BuildConfig) -> None:
    """Make ``bitfile/``; where the tool is absent, all that can be made without it, and say what is missing."""
    make = bitstream_maker(config.target.tool)
    make(project(config), config.output_dir / BITFILE, logging.getLogger("codesign").info)


STEP = Step(
    "bitstream",
    "the board's bitstream",
    run,
    needs=(DESIGN, RTL, SYNTH),
    makes=(BITFILE,),
    settings=("board", "synth_clk_mhz"),
    deferrable=True,
)
