"""Simulation: cycles and products a second of whole designs in Verilator, and the time to compile them.

Seconds are processor seconds, which other jobs on the machine lengthen less than those of the wall.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np

from codesign.build import STEPS, BuildConfig, run_steps
from hw.design.design import BOUNDARY, Design, End
from hw.design.emit import ERROR_FLAG, TOP, emit
from hw.design.stream import Stream
from hw.design.units import macs, units
from hw.kernels.conformance import simulator
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from hw.kernels.register_slice.kernel import RegisterSlice
from hw.sim import Simulator, compile_simulator
from tests.bench.figures import Figure

SECONDS = 3.0
"""Processor time of a measured run, about."""
COMPILE_SECONDS = 60.0


@dataclass(frozen=True)
class Target:
    """A design, and the cycles a second asked of its simulation."""

    name: str
    make: Callable[[Path], Design]
    cycles: float


def skeleton_tiny(folder: Path) -> Design:
    """Return the preset, folded for its board's rate."""
    config = BuildConfig(model="skeleton-tiny", board="ulx3s", output_dir=folder / "build")
    run_steps(STEPS, config, stop_step="size_fifos")
    return Design.load(config.output_dir / "design/sized")


def one_unit(folder: Path) -> Design:
    """Return one unit of 64 x 64 products of 4 by 4 bits, whose weights differ from cycle to cycle."""
    weights = np.random.default_rng(0).integers(-8, 8, (512, 512))
    unit = MatrixVectorUnit(weights, vectors=8, bits=4, pe=64, simd=64)
    return Design("unit", {"unit": unit}, {End("unit"): End(BOUNDARY), End(BOUNDARY): End("unit")})


TARGETS = (Target("skeleton-tiny", skeleton_tiny, 1e6), Target("4,096 products of 4 x 4 bits", one_unit, 50e3))


def measure() -> Iterator[Figure]:
    """Compile each design with an empty cache, and run random frames without stalls."""
    with tempfile.TemporaryDirectory() as name, patch.dict("os.environ", CODESIGN_CACHE=f"{name}/cache"):
        with simulator(RegisterSlice(Stream(1, 8), 4)):
            pass  # compiles the runtime, which all models share
        for index, target in enumerate(TARGETS):
            yield from _figures(target, Path(name) / str(index))


def _figures(target: Target, folder: Path) -> Iterator[Figure]:
    design = target.make(folder)
    yield Figure(f"{target.name}, lanes", sum(u.lanes for u in units(design).values()), "lanes", "model")
    simulation, seconds = _compiled(design, folder / "rtl")
    what = f"{target.name}, Verilator and C++ compiler"
    yield Figure(what, round(seconds, 1), "processor s", "measured", at_most=COMPILE_SECONDS)
    cycles, frames, seconds = _run(simulation, design)
    rate = round(cycles / seconds)
    yield Figure(f"{target.name}, simulated", rate, "cycles/s", "measured", at_least=target.cycles)
    yield Figure(f"{target.name}, simulated products", round(frames * macs(design) / seconds), "MAC/s", "measured")


def _compiled(design: Design, rtl: Path) -> tuple[Simulator, float]:
    """Return the simulator and the processor seconds of the tools that made it."""
    emit(design, rtl)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ends, load = ([design.input], [design.output]), design.load_packets()
    made = compile_simulator(TOP, sorted(rtl.glob("*.sv")), *ends, data=rtl, flags=[ERROR_FLAG], load=load)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return made, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _run(simulation: Simulator, design: Design) -> tuple[int, int, float]:
    """Return cycles, frames and processor seconds of a run of about SECONDS."""
    rng, frames = np.random.default_rng(0), 2
    while True:
        words = design.input.stream.random(rng, frames, design.input.words)
        started = time.process_time()
        cycles = simulation.run([words], timeout=20 * design.interval + 100_000).cycles
        seconds = time.process_time() - started
        if seconds >= SECONDS / 2:
            return cycles, frames, seconds
        frames = round(frames * min(SECONDS / seconds, 1000))
