"""yosys: the netlist for the board's part family, and what it takes, kernel by kernel, against the board's budget."""

from __future__ import annotations

import logging
from dataclasses import asdict

from codesign.build.budget import excess, over_budget
from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.build.steps.emit import RTL
from codesign.build.steps.lower import DESIGN as LOWERED
from codesign.errors import UserError
from codesign.files import write_json
from codesign.report.estimates import budget
from hw.design.design import Design
from hw.design.emit import TOP
from hw.synth import yosys

SYNTH = "synth"
REPORT = "report/post_synth_resources.json"


def run(config: BuildConfig) -> None:
    """Write the netlist and its resources."""
    rtl = config.output_dir / RTL
    board = config.target
    result = yosys.synthesize(
        sorted(rtl.glob("*.sv")),
        TOP,
        board.family,
        config.output_dir / SYNTH,
        data=rtl,
        progress=logging.getLogger("codesign").info,
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
    needs=(RTL, LOWERED),
    makes=(SYNTH, REPORT),
    settings=("board",),
)
