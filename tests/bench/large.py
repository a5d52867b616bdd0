"""Two large networks on a Pynq-Z2 at 100 MHz: measured rates, and what they take of the part.

CNV-w2a2 (CIFAR-10) and the keyword MLP of MLPerf Tiny with weights and activations of 3 bits, both with random weights.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codesign.build import STEPS, BuildConfig, run_steps
from tests import zoo
from tests.bench.figures import Figure

FOLDER = Path("build/bench/large")
FRAMES = 50
BOARD, CLOCK_MHZ = "pynq_z2", 100.0


@dataclass(frozen=True)
class Target:
    """What is asked of a network.

    Attributes:
        fps: frames a second to fold for.
        interval: cycles a frame, at most.
    """

    fps: float
    interval: int


TARGETS = {"cnv_2w2a": Target(3000.0, 33_333), "kws_3w3a": Target(195_313.0, 512)}


def measure() -> Iterator[Figure]:
    """Build each network to verified RTL and a netlist."""
    for name, target in TARGETS.items():
        yield from _network(name, target, FOLDER / name)


def _network(name: str, target: Target, folder: Path) -> Iterator[Figure]:
    started = time.monotonic()
    model = zoo.exported(name, folder)
    np.save(folder / "inputs.npy", zoo.NETS[name].frames(FRAMES))
    config = BuildConfig(
        model=str(model),
        board=BOARD,
        output_dir=folder / "build",
        target_fps=target.fps,
        synth_clk_mhz=CLOCK_MHZ,
        inputs=folder / "inputs.npy",
        frames=FRAMES,
    )
    run_steps(STEPS, config, stop_step="simulate")
    run_steps(STEPS, config, start_step="synthesize", stop_step="synthesize")
    seconds = time.monotonic() - started
    reports = config.output_dir / "report"
    verified = json.loads((reports / "verification.json").read_text())
    measured = json.loads((reports / "rtlsim_performance.json").read_text())
    used = json.loads((reports / "post_synth_resources.json").read_text())
    interval, first = measured["cycles_per_frame"], measured["first_frame_cycles"]
    yield Figure(f"{name}, MACs a frame", measured["macs_per_frame"], "MACs", "model")
    yield Figure(f"{name}, lanes", measured["lanes"], "lanes", "model")
    yield Figure(f"{name}, frames compared", verified["frames"], "frames", "measured (RTL)", at_least=FRAMES)
    yield Figure(f"{name}, mismatches", verified["mismatches"], "integers", "measured (RTL)", at_most=0)
    yield Figure(f"{name}, interval", interval, "cycles", "measured (RTL)", at_most=target.interval)
    rate = CLOCK_MHZ * 1e6 / interval
    yield Figure(f"{name}, rate at 100 MHz", rate, "frames/s", "measured (RTL)", at_least=1e8 / target.interval)
    yield Figure(f"{name}, first frame, first word in to last word out", first, "cycles", "measured (RTL)")
    yield Figure(f"{name}, first frame at 100 MHz", first / CLOCK_MHZ, "µs", "measured (RTL)")
    for kind, limit in used["budget"].items():
        amount = used["total"][kind] + used["shell"][kind]
        what = f"{name}, {kind.upper()} with the shell, of {limit:,}"
        yield Figure(what, amount, kind.upper(), "yosys estimate", at_most=limit)
    yield Figure(f"{name}, from ONNX to verified RTL and netlist", round(seconds, 1), "s", "measured")
