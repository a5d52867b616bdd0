"""The IntegerGraph to an unfolded Design."""

from __future__ import annotations

import logging

import numpy as np

from codesign.build import frames
from codesign.build.budget import part_of
from codesign.build.config import BuildConfig
from codesign.build.step import NOTE, Step
from codesign.build.steps.ingest import GRAPH
from codesign.errors import VerificationFailed
from codesign.graph import IntegerGraph
from codesign.mapping.weights import Placement, place
from hw.design.design import Design
from hw.lowering import lower
from hw.shell import shells

DESIGN = "design/lowered"
FRAMES = 4
log = logging.getLogger("codesign")


def run(config: BuildConfig) -> None:
    """Write the Design, after its kernels' references gave the graph's integers."""
    graph = IntegerGraph.load(config.output_dir / GRAPH)
    placed = placement(config, graph)
    if placed.text:
        log.log(NOTE, "weights: %s", placed.text)
    design = lower(placed.graph, config.target.family, placed.streamed)
    check_references(config, graph, design)
    design.save(config.output_dir / DESIGN)


def placement(config: BuildConfig, graph: IntegerGraph) -> Placement:
    """Return which weights are streamed; none are, unless asked for, to a board that has no way in for them."""
    wish = config.stream_weights
    if wish == "auto" and not shells()[config.target.io].LOADS:
        wish = "never"
    return place(graph, part_of(config).budget, wish)


def check_references(config: BuildConfig, graph: IntegerGraph, design: Design) -> None:
    """Raise VerificationFailed where the kernels' references, chained, differ from the graph on a few frames."""
    x = frames.frames(config, graph, FRAMES)
    expected = graph.run(x)
    got = design.run(x.reshape(FRAMES, design.input.words, design.input.stream.lanes)).reshape(expected.shape)
    if not np.array_equal(expected, got):
        where = tuple(int(i) for i in np.argwhere(expected != got)[0])
        raise VerificationFailed(
            f"The design of {design.name} differs from the integer graph first at frame {where[0]}, index {where[1:]}: "
            f"expected {expected[where]}, found {got[where]}."
        )


STEP = Step(
    "lower",
    "operators to kernels",
    run,
    needs=(GRAPH,),
    makes=(DESIGN,),
    settings=("board", "model", "seed", "inputs", "data", "max_resources", "stream_weights"),
)
