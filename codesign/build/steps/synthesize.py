"""yosys, kernel by kernel: the netlist for the board's part family, and what it takes, against the board's budget."""

from __future__ import annotations

import logging
from dataclasses import asdict

from codesign.build.budget import excess, over_budget
from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.build.steps.lower import DESIGN as LOWERED
from codesign.build.steps.size_fifos import DESIGN
from codesign.errors import UserError
from codesign.files import write_json
from codesign.report.estimates import budget
from hw.design.design import Design
from hw.synth.design import synthesize

SYNTH = "synth"
REPORT = "report/post_synth_resources.json"


def run(config: BuildConfig) -> None:
    """Write the netlist and its resources."""
    board = config.target
    result = synthesize(
        Design.load(config.output_dir / DESIGN),
        board.family,
        config.output_dir / SYNTH,
        logging.getLogger("codesign").info,
    )
    write_json(
        config.output_dir / REPORT,
        {
            "source": "yosys estimate",
            "family": board.family,
            "kernels": {name: asdict(used) for name, used in result.instances.items()},
            "total": asdict(result.total),
            "budget": asdict(budget(board)),
            "cells": dict(result.cells),
        },
    )
    over = excess(result.total, budget(board))
    if over:
        lowered = Design.load(config.output_dir / LOWERED)
        raise UserError(over_budget(config, lowered, over, "yosys"))


STEP = Step(
    "synthesize",
    "netlist and resources by yosys",
    run,
    needs=(DESIGN, LOWERED),
    makes=(SYNTH, REPORT),
    settings=("board",),
)
