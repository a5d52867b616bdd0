"""The Design to Verilog and memory files."""

from __future__ import annotations

import shutil

from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.build.steps.size_fifos import DESIGN
from hw.design.design import Design
from hw.design.emit import emit
from hw.shell import shells

RTL = "rtl"


def run(config: BuildConfig) -> None:
    """Write the folder ``rtl`` anew."""
    design = Design.load(config.output_dir / DESIGN)
    shells()[config.target.io].check_load(config.target, design.load_packets())
    target, fresh = config.output_dir / RTL, config.output_dir / f".{RTL}"
    shutil.rmtree(fresh, ignore_errors=True)
    emit(design, fresh)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


STEP = Step("emit", "Verilog and memory files", run, needs=(DESIGN,), makes=(RTL,), settings=("board",))
