"""The board's bitstream, by the board's tool."""

from __future__ import annotations

import logging

from codesign.build.config import BuildConfig
from codesign.build.project import project
from codesign.build.step import Step
from codesign.build.steps.emit import RTL
from codesign.build.steps.size_fifos import DESIGN
from codesign.build.steps.synthesize import REPORT as SYNTHESIZED
from codesign.errors import ToolFailed
from hw.synth.tool import tools

BITFILE = "bitfile"


def run(config: BuildConfig) -> None:
    """Make ``bitfile/``; where the tool is absent, all that can be made without it, and say what is missing."""
    tool = tools()[config.target.tool]
    if tool.bitstream is None:
        raise ToolFailed(f"{tool.name}, the tool of {config.board}, makes no bitstreams: its file must say how.")
    tool.bitstream(project(config), config.output_dir / BITFILE, logging.getLogger("codesign").info)


STEP = Step(
    "bitstream",
    "the board's bitstream",
    run,
    needs=(DESIGN, RTL, SYNTHESIZED),
    makes=(BITFILE,),
    settings=("board", "synth_clk_mhz"),
    deferrable=True,
)
