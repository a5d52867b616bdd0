"""The zoo through to verified RTL: 50 frames with random stalls, every integer compared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from codesign.build import STEPS, BuildConfig, run_steps
from tests import zoo
from tests.bench.figures import Figure

FOLDER = Path("build/bench/rtl")
FRAMES = 50
BOARD = "zcu104"
FPS = {"cnv": 1000.0, "kws": 20_000.0, "lfc": 20_000.0, "sfc": 20_000.0, "tfc": 50_000.0}
"""Frames a second to fold for; 2,000 for the others. Folded less, a network takes longer to simulate."""


def measure() -> Iterator[Figure]:
    """Build every network up to the simulation."""
    for name in zoo.NETS:
        yield from _network(name, FOLDER)


def _network(name: str, folder: Path) -> Iterator[Figure]:
    model = zoo.exported(name, folder / name)
    np.save(folder / name / "inputs.npy", zoo.NETS[name].frames(FRAMES))
    config = BuildConfig(
        model=str(model),
        board=BOARD,
        output_dir=folder / name / "build",
        target_fps=FPS.get(name[:3], 2000.0),
        inputs=folder / name / "inputs.npy",
        frames=FRAMES,
    )
    run_steps(STEPS, config, stop_step="simulate")
    report = config.output_dir / "report"
    verified = json.loads((report / "verification.json").read_text())
    measured = json.loads((report / "rtlsim_performance.json").read_text())
    seconds = json.loads((config.output_dir / "time_per_step.json").read_text())
    cycles = measured["predicted_cycles_per_frame"]
    yield Figure(f"{name}, MACs a frame", measured["macs_per_frame"], "MACs", "model")
    yield Figure(f"{name}, lanes", measured.get("lanes", 0), "lanes", "model")
    yield Figure(f"{name}, frames compared", verified["frames"], "frames", "measured (RTL)", at_least=FRAMES)
    yield Figure(f"{name}, mismatches", verified["mismatches"], "integers", "measured (RTL)", at_most=0)
    yield Figure(f"{name}, interval", measured["cycles_per_frame"], "cycles", "measured (RTL)", cycles, cycles)
    yield Figure(f"{name}, from ONNX to verified RTL", round(sum(seconds.values()), 1), "s", "measured")
