"""FINN as a witness: the same graph in its operators, run by its own executors, must give the same integers."""

from __future__ import annotations

import logging

from codesign.build import frames, verification
from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.build.steps.ingest import GRAPH
from codesign.errors import MissingTool, UserError
from codesign.graph import IntegerGraph
from hw.finn.emit import save
from hw.finn.witness import witness

MODEL = "intermediate_models/step_finn.onnx"
VERIFIED = "verification_output/finn.json"
FRAMES = 20
log = logging.getLogger("codesign")


def run(config: BuildConfig) -> None:
    """Write FINN's model and what its executors said; where FINN cannot speak, why."""
    graph = IntegerGraph.load(config.output_dir / GRAPH)
    save(graph, config.output_dir / MODEL)
    try:
        result = witness(graph, frames.frames(config, graph, FRAMES), model=config.output_dir / MODEL)
    except (MissingTool, UserError) as error:  # not installed, or sums that its float32 cannot hold
        log.warning("no FINN witness: %s", error)
        verification.record(config.output_dir, "finn", {"finn_frames": 0, "finn_absent": str(error)})
        return
    verification.record(config.output_dir, "finn", {"finn_frames": result.frames, "finn_mismatches": result.mismatches})
    result.require()


STEP = Step(
    "witness",
    "FINN's executors against the integer graph",
    run,
    needs=(GRAPH,),
    makes=(MODEL, VERIFIED),
    settings=("model", "inputs", "data", "seed"),
)
