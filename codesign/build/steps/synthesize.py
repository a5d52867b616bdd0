"""yosys, kernel by kernel: the netlist for the board's part family, and what it takes, against the board's budget."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import asdict
from pathlib import Path

from codesign.build.budget import excess, over_budget
from codesign.build.config import BuildConfig
from codesign.build.project import SYNTH, project
from codesign.build.step import Step
from codesign.build.steps.emit import RTL
from codesign.build.steps.lower import DESIGN as LOWERED
from codesign.build.steps.size_fifos import DESIGN
from codesign.errors import UserError
from codesign.files import write_json
from codesign.report.estimates import budget
from hw.design.design import Design
from hw.shell import shells
from hw.synth.design import shell, synthesize

REPORT = "report/post_synth_resources.json"


def run(config: BuildConfig) -> None:
    """Write the netlist and its resources; the board must hold it with its shell."""
    board, progress = config.target, logging.getLogger("codesign").info
    folder = config.output_dir / SYNTH
    result = synthesize(Design.load(config.output_dir / DESIGN), board.family, folder, progress)
    progress("yosys: the board's shell")
    around = shells()[board.io].shell_of(project(config))
    with tempfile.TemporaryDirectory() as scratch:
        sources = around.emit(Path(scratch))
        beside = shell(sources, around.top, around.parameters(), result, Path(scratch))
    write_json(
        config.output_dir / REPORT,
        {
            "source": "yosys estimate",
            "family": board.family,
            "kernels": {name: asdict(used) for name, used in result.instances.items()},
            "total": asdict(result.total),
            "shell": asdict(beside),
            "budget": asdict(budget(board)),
            "cells": dict(result.cells),
        },
    )
    left = budget(board).without(beside)
    if excess(result.total, left):
        lowered = Design.load(config.output_dir / LOWERED)
        raise UserError(over_budget(config, lowered, result.total, left, "yosys"))


STEP = Step(
    "synthesize",
    "netlist and resources by yosys",
    run,
    needs=(DESIGN, RTL, LOWERED),
    makes=(SYNTH, REPORT),
    settings=("board", "synth_clk_mhz"),
)
