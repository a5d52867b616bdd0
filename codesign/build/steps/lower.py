"""The IntegerGraph to an unfolded Design."""

from __future__ import annotations

import logging

from codesign.build import frames
from codesign.build.config import BuildConfig
from codesign.build.lowering import FRAMES, check_references, placement
from codesign.build.step import NOTE, Step
from codesign.build.steps.ingest import GRAPH
from codesign.graph import IntegerGraph
from hw.lowering import lower

DESIGN = "design/lowered"
log = logging.getLogger("codesign")


def run(config: BuildConfig) -> None:
    """Write the Design, after its kernels' references gave the graph's integers."""
    graph = IntegerGraph.load(config.output_dir / GRAPH)
    placed = placement(config, graph)
    if placed.text:
        log.log(NOTE, "weights: %s", placed.text)
    design = lower(placed.graph, config.target.family, placed.streamed)
    check_references(graph, design, frames.frames(config, graph, FRAMES))
    design.save(config.output_dir / DESIGN)


STEP = Step(
    "lower",
    "operators to kernels",
    run,
    needs=(GRAPH,),
    makes=(DESIGN,),
    settings=("board", "model", "seed", "inputs", "data", "max_resources", "stream_weights"),
)
