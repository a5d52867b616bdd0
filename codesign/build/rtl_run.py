"""Emitted Verilog in Verilator: cycles without stalls, then every integer of many frames with random stalls."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codesign.build.verification import Difference, first_difference
from codesign.graph import IntegerGraph
from hw.design.design import Design
from hw.design.emit import ERROR_FLAG, TOP
from hw.sim import Simulator, Stalls, compile_simulator

log = logging.getLogger("codesign")
RATE_FRAMES = 8
"""Frames of the run without stalls: the rate is steady after the first two or three."""
STALL_BURST = 8
"""Mean length of a stall in cycles."""
FEW = 0.25
"""Probability that a long stall starts, at most: with one that is near 1 no word of a short frame would ever move."""
LONG_FRAMES = 24
"""Frames of a run with few but long stalls, which fill and drain the buffers in the middle of the design."""


@dataclass(frozen=True, eq=False)
class RtlRun:
    """What the Verilog did.

    Attributes:
        interval: cycles a frame in steady state, without stalls.
        latency: cycles from the first word taken to the first word shown.
        first_frame: cycles from the first word taken to the first frame's last word.
        frames, integers: compared with the graph, in both runs with stalls.
        long_frames: of those frames, the ones under few but long stalls.
        mismatches: integers that differ from the graph's.
        difference: the first of them.
        frame_errors: cycles in which a frame was seen to be cut.
        cycles, seconds: of the run with short stalls.
        outputs: int64 [N, *shape], of that run.
    """

    interval: float
    latency: int
    first_frame: int
    frames: int
    long_frames: int
    integers: int
    mismatches: int
    difference: Difference | None
    frame_errors: int
    cycles: int
    seconds: float
    outputs: np.ndarray


def run_rtl(
    graph: IntegerGraph, design: Design, rtl: Path, x: np.ndarray, stall_probability: float, seed: int
) -> RtlRun:
    """Simulate the Verilog in the folder ``rtl`` on the frames ``x`` and compare every integer with the graph's.

    Args:
        graph: what is right.
        design: what was emitted.
        rtl: the emitted files.
        x: int64 [frames, *input shape].
        stall_probability: of each port in each cycle.
        seed: of the stalls.

    Raises:
        VerificationFailed: it stands still, or breaks the handshake. Wrong integers are for the caller to judge.
    """
    log.info("Verilator and the C++ compiler")
    simulator = compile_rtl(design, rtl)
    words = x.reshape(len(x), design.input.words, design.input.stream.lanes)
    timeout = 20 * design.interval + 100_000

    steady = words[:RATE_FRAMES] if len(x) > 1 else np.repeat(words, 2, axis=0)  # a rate is between two frames
    log.info("%d frames without stalls", len(steady))
    rate = simulator.run([steady], timeout=timeout)
    load = design.load_packets()
    loaded = int(rate.taken[1][len(load.start) - 1]) if load.start.size else 0  # a board has its weights beforehand
    started = max(rate.first_taken, loaded)
    log.info("%d frames with random stalls", len(x))
    result = simulator.run([words], stalls=Stalls(stall_probability, STALL_BURST, seed), timeout=timeout)
    few = Stalls(min(4 / design.input.words, FEW), max(design.interval // 16, 1), seed + 1)
    long = simulator.run([words[:LONG_FRAMES]], stalls=few, timeout=timeout)

    expected = graph.run(x)
    expected = np.concatenate([expected, expected[:LONG_FRAMES]])
    found = np.concatenate([result.outputs[0], long.outputs[0]]).reshape(expected.shape)
    return RtlRun(
        interval=rate.interval,
        latency=rate.first_shown - started,
        first_frame=int(rate.frame_cycles[0][0]) - started,
        frames=len(expected),
        long_frames=len(expected) - len(x),
        integers=expected.size,
        mismatches=int((expected != found).sum()),
        difference=first_difference(expected, found),
        frame_errors=result.flags[ERROR_FLAG] + long.flags[ERROR_FLAG],
        cycles=result.cycles,
        seconds=result.seconds,
        outputs=found[: len(x)],
    )


def compile_rtl(design: Design, rtl: Path) -> Simulator:
    """Return the simulator of the emitted Verilog."""
    ends, load = ([design.input], [design.output]), design.load_packets()
    return compile_simulator(TOP, sorted(rtl.glob("*.sv")), *ends, data=rtl, flags=[ERROR_FLAG], load=load)
