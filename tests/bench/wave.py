"""Waves by nets: classical convolutions against compressed ones on a ZCU104, and the accelerator against the solver.

Both nets are built for the same rate, to verified RTL and a netlist; errors are those of the integers, on all test
simulations.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import quant.models
from codesign.build import STEPS, BuildConfig, run_steps
from codesign.build.steps.ingest import GRAPH
from codesign.graph import IntegerGraph
from quant.data.wave.tasks import relative_error
from quant.data.wave.timing import seconds_per_interval
from quant.models.wave import DATA, WaveModel
from tests.bench.figures import Figure
from tests.wave_pictures import edges

FOLDER = Path("build/bench/wave")
BOARD, CLOCK_MHZ, FPS = "zcu104", 200.0, 7500.0
FRAMES, DSP_LUTS, EQUAL = 100, 55, 1.02
NAMES = ("wave-classical", "wave-compressed")


@dataclass(frozen=True)
class Built:
    """What a net's build says: error of its integers, estimate of the model, netlist, cycles."""

    model: WaveModel
    error: float
    estimated: dict[str, int]
    used: dict[str, int]
    interval: int
    latency: int
    frames: int
    mismatches: int


def measure() -> Iterator[Figure]:
    """Build the nets, compare them, and time the solver on the same zone."""
    nets = {}
    for name in NAMES:
        nets[name] = build(name)
        yield from _figures(nets[name])
    yield from _compared(nets["wave-classical"], nets["wave-compressed"])
    yield from _solver(nets["wave-compressed"])


def build(name: str, folder: Path = FOLDER) -> Built:
    """From the preset to verified RTL and a netlist in `folder`; what is there already is not made again."""
    model = quant.models.get(name)
    assert isinstance(model, WaveModel)
    config = BuildConfig(
        model=name,
        board=BOARD,
        output_dir=folder / name,
        target_fps=FPS,
        synth_clk_mhz=CLOCK_MHZ,
        frames=2 * FRAMES,  # every other one is random
    )
    run_steps(STEPS, config, stop_step="simulate")
    run_steps(STEPS, config, start_step="synthesize", stop_step="synthesize")
    reports = config.output_dir / "report"
    verified, measured, estimated, used = (
        json.loads((reports / f"{report}.json").read_text())
        for report in (
            "verification", "rtlsim_performance", "estimate_layer_resources", "post_synth_resources",
        )
    )  # fmt: skip
    task = model.fields()
    found = edges(model, IntegerGraph.load(config.output_dir / GRAPH), task.x[task.test])
    return Built(
        model, relative_error(found, task.y[task.test]), estimated["total"], used["total"],
        measured["cycles_per_frame"], measured["first_frame_cycles"], verified["frames"], verified["mismatches"],
    )  # fmt: skip


def _figures(net: Built) -> Iterator[Figure]:
    name, sizes = net.model.name, net.model.sizes
    float_error = net.model.note["float"]["test"]
    yield Figure(f"{name}, weights", sizes.weights(), "", "model")
    yield Figure(f"{name}, memory of the weights", 8 * sizes.weights() / 1024, "Kb", "model")
    yield Figure(f"{name}, MACs a field", sizes.macs(), "MACs", "model")
    yield Figure(f"{name}, error of the float net on the test part", 100 * float_error, "%", "measured")
    yield Figure(f"{name}, error of the integers on the test part", 100 * net.error, "%", "measured")
    ratio = net.error / float_error
    yield Figure(f"{name}, error of the integers to that in float", ratio, "", "measured", at_most=1.05)
    yield Figure(f"{name}, frames compared", net.frames, "frames", "measured (RTL)", at_least=2 * FRAMES)
    yield Figure(f"{name}, mismatches", net.mismatches, "integers", "measured (RTL)", at_most=0)
    yield Figure(f"{name}, interval", net.interval, "cycles", "measured (RTL)", at_most=1e6 * CLOCK_MHZ / FPS)
    yield Figure(f"{name}, first field at 200 MHz", net.latency / CLOCK_MHZ, "µs", "measured (RTL)")
    for kind in ("lut", "ff", "bram", "dsp"):
        yield Figure(f"{name}, {kind.upper()}", net.used[kind], kind.upper(), "yosys estimate")
    for source, used in (("yosys estimate", net.used), ("model", net.estimated)):
        yield Figure(f"{name}, LUT + {DSP_LUTS} DSP", cost(used), "LUT", source)


def cost(used: dict[str, int]) -> int:
    """LUTs, and a DSP as so many."""
    return used["lut"] + DSP_LUTS * used["dsp"]


def _compared(classical: Built, compressed: Built) -> Iterator[Figure]:
    floats = [net.model.note["float"]["test"] for net in (compressed, classical)]
    yield Figure("error, compressed to classical, float", floats[0] / floats[1], "", "measured", at_most=EQUAL)
    ratio = compressed.error / classical.error
    yield Figure("error, compressed to classical, integers", ratio, "", "measured", at_most=EQUAL)
    fewer = classical.model.sizes.weights() / compressed.model.sizes.weights()
    yield Figure("weights, classical to compressed", fewer, "", "model", at_least=3)
    for source, kind in (("yosys estimate", "used"), ("model", "estimated")):
        costs = [cost(getattr(net, kind)) for net in (classical, compressed)]
        what = f"LUT + {DSP_LUTS} DSP, classical to compressed"
        yield Figure(what, costs[0] / costs[1], "", source, at_least=2)


def _solver(net: Built) -> Iterator[Figure]:
    """The solver on one core of this machine, the accelerator by measured cycles at 200 MHz."""
    seconds = net.interval / (1e6 * CLOCK_MHZ)
    yield Figure("accelerator, the zone's edge at four instants", 1e6 * seconds, "µs", "measured (RTL)")
    for model, what in (("zone", "the zone, its edge given"), ("whole", "the square, which gives the zone's edge")):
        timing = seconds_per_interval(DATA, model)
        yield Figure(f"solver, {what}", 1e6 * timing.seconds, "µs", "measured")
        yield Figure(f"solver to accelerator, {what}", timing.seconds / seconds, "", "measured")
