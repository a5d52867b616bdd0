"""A dry run of hls4ml's project: its Tcl with stand-ins for AMD's tools, and every file that it and the C++ name."""

from __future__ import annotations

from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.build.steps.hls4ml_model import FOLDER, target
from codesign.errors import VerificationFailed
from codesign.files import write_json
from hw.hls4ml.dry_run import check

REPORT = "report/hls4ml_project.json"


def run(config: BuildConfig) -> None:
    """Write what the dry run saw."""
    folder, built_for = config.output_dir / FOLDER, target(config)
    found = check(folder, built_for)
    write_json(
        config.output_dir / REPORT,
        {
            "source": "Tcl dry run, without AMD's tools",
            "backend": built_for.backend,
            "part": built_for.part,
            "board": built_for.board or None,
            "clock_mhz": built_for.clock_mhz,
            "commands": found.scripts,
            "sources": found.files,
            "problems": found.problems,
            "remarks": found.remarks,
        },
    )
    if found.problems:
        count = len(found.problems)
        raise VerificationFailed(f"The dry run of {folder} found {count} problems, first: {found.problems[0]}.")


STEP = Step(
    "hls4ml_project",
    "hls4ml's Tcl and sources, in a dry run",
    run,
    needs=(FOLDER,),
    makes=(REPORT,),
    settings=("board", "synth_clk_mhz"),
    deferrable=True,
)
