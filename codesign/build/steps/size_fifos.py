"""FIFOs where words wait for others."""

from __future__ import annotations

from codesign.build import frames
from codesign.build.config import BuildConfig
from codesign.build.lowering import FRAMES, check_references
from codesign.build.step import Step
from codesign.build.steps.fold import DESIGN as FOLDED
from codesign.build.steps.ingest import GRAPH
from codesign.files import write_json
from codesign.graph import IntegerGraph
from codesign.mapping.fifos import read_depths, read_folding_depths, size_fifos
from codesign.report import estimates
from hw.design.design import Design, End

DESIGN = "design/sized"
CONFIG = "final_hw_config.json"


def run(config: BuildConfig) -> None:
    """Write the complete Design, its estimates, and every instance's folds and depths."""
    folded = Design.load(config.output_dir / FOLDED)
    design, depths = size_fifos(folded, given_depths(config, folded))
    graph = IntegerGraph.load(config.output_dir / GRAPH)
    check_references(graph, design, frames.frames(config, graph, FRAMES))
    design.save(config.output_dir / DESIGN)
    folds = {name: {f.upper(): getattr(k, f) for f in k.folds} for name, k in design.kernels.items() if k.folds}
    write_json(config.output_dir / CONFIG, {**folds, **{name: {"depth": depth} for name, depth in depths.items()}})
    estimates.write(design, config.target, config.clock_mhz, config.output_dir / "report")


def given_depths(config: BuildConfig, folded: Design) -> dict[End, int]:
    """Return the depths that a user wants: those of ``--fifo-depths``, or else of the folding file."""
    if config.fifo_depths:
        return read_depths(config.fifo_depths, folded)
    return read_folding_depths(config.folding_config_file, folded) if config.folding_config_file else {}


STEP = Step(
    "size_fifos",
    "Smallest FIFOs at the full rate",
    run,
    needs=(FOLDED, GRAPH),
    makes=(DESIGN, CONFIG, *(f"report/{name}" for name in estimates.FILES)),
    settings=(
        *("board", "synth_clk_mhz", "seed", "inputs", "data"),
        *("fifo_depths", "fifo_contents", "folding_config_file", "folding_contents"),
    ),
)
