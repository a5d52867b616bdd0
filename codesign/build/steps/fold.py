"""PE and SIMD of every kernel: from a file, or as few lanes as the target rate allows."""

from __future__ import annotations

from codesign.build.budget import check_budget
from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.build.steps.lower import DESIGN as LOWERED
from codesign.errors import UserError
from codesign.mapping.folding import fold_for_interval, read_folding, write_folding
from codesign.mapping.forms import choose_forms
from hw.design.design import Design
from hw.lowering import fold

DESIGN = "design/folded"
FOLDING = "auto_folding_config.json"


def run(config: BuildConfig) -> None:
    """Write the folded Design and its folding."""
    design = Design.load(config.output_dir / LOWERED)
    if config.folding_config_file is not None:
        folding = read_folding(config.folding_config_file)
    else:
        folding = fold_for_interval(design, target_interval(config))
    folded = choose_forms(fold(design, folding), config.target.family)
    check_budget(config, design, folded)
    write_folding(config.output_dir / FOLDING, folding)
    folded.save(config.output_dir / DESIGN)


def target_interval(config: BuildConfig) -> int:
    """Cycles a frame that the target rate allows."""
    fps = config.target_fps or config.target.target_fps
    interval = int(config.clock_mhz * 1e6 / fps)
    if interval < 1:
        raise UserError(
            f"--target-fps {fps:g} leaves no cycle a frame at {config.clock_mhz:g} MHz: it must be below "
            f"{config.clock_mhz * 1e6:g}."
        )
    return interval


STEP = Step(
    "fold",
    "PE and SIMD for the target rate",
    run,
    needs=(LOWERED,),
    makes=(DESIGN, FOLDING),
    settings=("board", "target_fps", "synth_clk_mhz", "folding_config_file", "folding_contents"),
)
