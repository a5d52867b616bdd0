"""A preset taken to verified RTL, in figures: what benchmarks of model families share."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from codesign.build import STEPS, BuildConfig, run_steps
from codesign.build.steps.size_fifos import DESIGN
from codesign.graph import IntegerGraph
from codesign.mapping.weights import weight_bits
from hw.design.design import Design
from tests.bench.figures import Figure

RTL = "measured (RTL)"
DATA = "CODESIGN_DATA"
"""Environment variable with the folder of a skeleton data set; without it sequences are generated, and none is real."""


@dataclass(frozen=True)
class Target:
    """What is asked of a preset.

    Attributes:
        board: its name; its own clock is used.
        fps: frames a second, at least.
        real: real frames that the RTL is verified with, and as many random ones.
    """

    board: str
    fps: float
    real: int


def verified(name: str, target: Target, folder: Path) -> Iterator[Figure]:
    """Build the preset to verified RTL and yield its weights, its estimate, its cycles and its mismatches."""
    started = time.monotonic()
    data = os.environ.get(DATA)
    config = BuildConfig(
        model=name,
        board=target.board,
        output_dir=folder,
        target_fps=target.fps,
        frames=2 * target.real,
        data=Path(data) if data else None,
    )
    run_steps(STEPS, config, stop_step="simulate")
    seconds = time.monotonic() - started
    folding, rate = (_read(folder, f"report/{file}.json") for file in ("folding", "rtlsim_performance"))
    compared = _read(folder, "verification_output/rtl.json")
    used = asdict(Design.load(folder / DESIGN).resources(config.target.family))  # FIFOs included
    weights = sum(map(weight_bits, IntegerGraph.load(folder / "graph").operators))
    yield Figure(f"{name}, weights", weights / 1e6, "Mb", "model")
    yield Figure(f"{name}, MACs a frame", rate["macs_per_frame"], "MACs", "model")
    real = min(target.real, compared["frames"] // 2) if data else 0
    yield Figure(f"{name}, real sequences compared", real, "sequences", RTL, at_least=target.real)
    yield Figure(
        f"{name}, mismatches in {compared['frames']} frames", compared["mismatches"], "integers", RTL, at_most=0
    )
    yield Figure(f"{name}, interval", rate["cycles_per_frame"], "cycles", RTL)
    yield Figure(
        f"{name}, rate at {config.clock_mhz:g} MHz", rate["throughput_fps"], "frames/s", RTL, at_least=target.fps
    )
    yield Figure(f"{name}, first frame, first word in to last word out", rate["first_frame_cycles"], "cycles", RTL)
    for kind, limit in folding["budget"].items():
        what = f"{name}, {kind.upper()} of {limit:,} beside the shell"
        yield Figure(what, used[kind], kind.upper(), "model", at_most=limit)
    yield Figure(f"{name}, from the preset to verified RTL", round(seconds, 1), "s", "measured")


def _read(folder: Path, name: str) -> dict:  # type: ignore[type-arg]
    return json.loads((folder / name).read_text())  # type: ignore[no-any-return]
