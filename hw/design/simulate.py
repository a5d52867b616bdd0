"""A Design in Verilator without stalls, for its cycles."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from hw.design.design import Design
from hw.design.emit import ERROR_FLAG, TOP, emit
from hw.sim import SimulationResult, compile_simulator


def simulate(design: Design, frames: int = 8, seed: int = 0) -> SimulationResult:
    """Return what the RTL gives for random frames back to back.

    Raises:
        VerificationFailed: where it stands still, after 20 intervals in which no word moves.
    """
    words = design.input.stream.random(np.random.default_rng(seed), frames, design.input.words)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = emit(design, folder)
        ends = [design.input], [design.output]
        simulator = compile_simulator(TOP, sources, *ends, data=folder, flags=[ERROR_FLAG], load=design.load_packets())
        return simulator.run([words], timeout=20 * design.interval)
