"""The C simulation of hls4ml's project, compiled by g++, against the integer graph, integer for integer."""

from __future__ import annotations

import json
import logging
import shlex
import time

import numpy as np

from codesign.build import frames, verification
from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.build.steps.hls4ml_model import FOLDER
from codesign.build.steps.ingest import GRAPH
from codesign.errors import VerificationFailed
from codesign.graph import IntegerGraph
from hw.hls4ml.flow import simulate

WORK = "hls4ml_csim"
"""Folder of the program and of what it and g++ said."""
VERIFIED = "verification_output/hls4ml.json"
COMPARED = ("io_type", "strategy", "reuse_factor", "precision", "inputs", "data", "frames", "seed", "input_type")
"""Settings that ``codesign compare`` takes as the build does."""


def run(config: BuildConfig) -> None:
    """Write the result of the comparison."""
    graph = IntegerGraph.load(config.output_dir / GRAPH)
    x = frames.frames(config, graph, config.frames)
    logging.getLogger("codesign").info("g++ compiles, then %d frames", len(x))
    started = time.monotonic()
    found = simulate(graph, config.output_dir / FOLDER, config.output_dir / WORK, x)
    seconds = time.monotonic() - started
    expected = graph.run(x)
    difference = verification.first_difference(expected, found)
    mismatches = int(np.count_nonzero(expected != found))
    verification.record(
        config.output_dir,
        "hls4ml",
        {
            "hls4ml_frames": len(x),
            "hls4ml_mismatches": mismatches,
            "hls4ml_integers": expected.size,
            "hls4ml_reference": "IntegerGraph",
            "hls4ml_source": "C simulation (g++)",
            "hls4ml_seconds": round(seconds, 3),
            "hls4ml_first_difference": str(difference) if difference else None,
        },
    )
    hint = f"The first operator that does is told by: {_comparison(config)}"
    verification.require_equal("The C simulation of hls4ml's project", difference, mismatches, expected.size, hint)


def require_agreement(config: BuildConfig) -> None:
    """Raise VerificationFailed where the last comparison found a difference."""
    mismatches = json.loads((config.output_dir / VERIFIED).read_text())["hls4ml_mismatches"]
    if mismatches:
        raise VerificationFailed(
            f"The C simulation of {config.output_dir / FOLDER} differed from the integer graph in {mismatches} "
            "integers: nothing is made of it before it is equal; go on from --start-step hls4ml_csim."
        )


def _comparison(config: BuildConfig) -> str:
    """The command that looks into the same project, on the same frames."""
    words = ["codesign compare", shlex.quote(config.model), "--backends hls4ml", f"--board {config.board}"]
    for name in COMPARED:
        value, default = getattr(config, name), getattr(BuildConfig, name)
        if value != default:
            words.append(f"--{name.replace('_', '-')} {shlex.quote(str(value))}")
    return " ".join(words)


STEP = Step(
    "hls4ml_csim",
    "hls4ml's C simulation against the integer graph",
    run,
    needs=(GRAPH, FOLDER),
    makes=(VERIFIED,),
    settings=("model", "inputs", "data", "frames", "seed"),
)
