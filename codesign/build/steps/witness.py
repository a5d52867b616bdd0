"""FINN as a witness: the same graph in its operators, run by its own executors, must give the same integers."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

from codesign.build import frames, verification
from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.build.steps.ingest import GRAPH
from codesign.errors import MissingTool, UserError
from codesign.graph import IntegerGraph
from hw.finn.emit import save
from hw.finn.witness import WitnessResult, executable, witness

MODEL = "intermediate_models/step_finn.onnx"
VERIFIED = "verification_output/finn.json"
FRAMES = 20
BUDGET_S = 30.0
"""FINN's executors take seconds a frame on large images; fewer frames then, and the record says how many."""
log = logging.getLogger("codesign")


def run(config: BuildConfig) -> None:
    """Write all of the graph that FINN has operators for, and what its executors said; where FINN cannot speak, why."""
    graph = IntegerGraph.load(config.output_dir / GRAPH)
    emission = executable(graph)
    save(emission.model, config.output_dir / MODEL)
    try:
        x = frames.frames(config, graph, FRAMES)
        result = witness(graph, x, budget_s=BUDGET_S, model=config.output_dir / MODEL, emission=emission)
    except (MissingTool, UserError) as error:  # not installed, or it has nothing that it can execute
        log.warning("no FINN witness: %s", error)
        verification.record(config.output_dir, "finn", {"finn_frames": 0, "finn_absent": str(error)})
        return
    for reason in result.missing.values():
        log.info("not witnessed by FINN: %s", reason)
    verification.record(config.output_dir, "finn", _record(result))
    result.require()


def _record(result: WitnessResult) -> dict[str, Any]:
    """What FINN executed, what it did not and why, and what it found."""
    return {
        "finn_frames": result.frames,
        "finn_mismatches": result.mismatches,
        "finn_first_difference": asdict(result.first_difference) if result.first_difference else None,
        "finn_witnessed": list(result.witnessed),
        "finn_not_witnessed": result.missing,
    }


STEP = Step(
    "witness",
    "FINN's executors against the integer graph",
    run,
    needs=(GRAPH,),
    makes=(MODEL, VERIFIED),
    settings=("model", "inputs", "data", "seed"),
)
