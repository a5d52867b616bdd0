"""The Verilog in Verilator: cycles without stalls, then every integer of many frames with random stalls."""

from __future__ import annotations

import logging

import numpy as np

from codesign.build import frames, verification
from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.build.steps.emit import RTL
from codesign.build.steps.ingest import GRAPH
from codesign.build.steps.size_fifos import DESIGN
from codesign.files import write_json
from codesign.graph import IntegerGraph
from hw.design.design import Design
from hw.design.emit import ERROR_FLAG, TOP
from hw.kernels.depthwise_unit.kernel import DepthwiseUnit
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from hw.sim import Simulator, Stalls, compile_simulator
from hw.tokens import design as tokens

log = logging.getLogger("codesign")
PERFORMANCE = "report/rtlsim_performance.json"
VERIFIED = "verification_output/rtl.json"
RATE_FRAMES = 8
"""Frames of the run without stalls: the rate is steady after the first two or three."""
STALL_BURST = 8
"""Mean length of a stall in cycles."""
LONG_FRAMES = 24
"""Frames of a run with few but long stalls, which fill and drain the buffers in the middle of the design."""


def run(config: BuildConfig) -> None:
    """Write the measured cycles and the result of the comparison."""
    graph = IntegerGraph.load(config.output_dir / GRAPH)
    design = Design.load(config.output_dir / DESIGN)
    log.info("Verilator and the C++ compiler")
    simulator = compile_rtl(config, design)
    x = frames.frames(config, graph, config.frames)
    words = x.reshape(len(x), design.input.words, design.input.stream.lanes)
    timeout = 20 * design.interval + 100_000

    log.info("%d frames without stalls", RATE_FRAMES)
    rate = simulator.run([words[:RATE_FRAMES]], timeout=timeout)
    load = design.load_packets()
    loaded = int(rate.taken[1][len(load.start) - 1]) if load.start.size else 0  # a board has its weights beforehand
    log.info("%d frames with random stalls", len(x))
    stalls = Stalls(config.stall_probability, STALL_BURST, config.seed)
    result = simulator.run([words], stalls=stalls, timeout=timeout)
    predicted = tokens.run(design)
    write_json(
        config.output_dir / PERFORMANCE,
        {
            **multiplications(design, rate.interval),
            "cycles_per_frame": rate.interval,
            "predicted_cycles_per_frame": predicted.cycles_per_frame,
            "predicted_first_frame_cycles": predicted.first_frame,
            "bottleneck": design.bottleneck,
            "latency_cycles": rate.first_shown - max(rate.first_taken, loaded),
            "first_frame_cycles": int(rate.frame_cycles[0][0]) - max(rate.first_taken, loaded),
            **({"weight_words": {"start": len(load.start), "frame": load.frame_words}} if load else {}),
            "throughput_fps": config.clock_mhz * 1e6 / rate.interval,
            "clock_mhz": config.clock_mhz,
            "simulated_cycles": result.cycles,
            "simulated_cycles_per_second": round(result.cycles / result.seconds),
            "simulated_macs_per_second": round(len(x) * macs(design) / result.seconds),
            "source": "measured (RTL)",
        },
    )
    few = Stalls(4 / design.input.words, max(design.interval // 16, 1), config.seed + 1)
    long = simulator.run([words[:LONG_FRAMES]], stalls=few, timeout=timeout)

    expected = graph.run(x)
    expected = np.concatenate([expected, expected[:LONG_FRAMES]])
    found = np.concatenate([result.outputs[0], long.outputs[0]]).reshape(expected.shape)
    difference = verification.first_difference(expected, found)
    mismatches = int((expected != found).sum())
    verification.record(
        config.output_dir,
        "rtl",
        {
            "frames": len(expected),
            "mismatches": mismatches,
            "integers": expected.size,
            "stall_probability": config.stall_probability,
            "stall_cycles": STALL_BURST,
            "frames_with_long_stalls": LONG_FRAMES,
            "frame_errors": result.flags[ERROR_FLAG] + long.flags[ERROR_FLAG],
            "reference": "IntegerGraph",
            "first_difference": str(difference) if difference else None,
        },
    )
    verification.require_equal("The simulated Verilog", difference, mismatches, expected.size)


def units(design: Design) -> dict[str, MatrixVectorUnit | DepthwiseUnit]:
    """The design's multiplying kernels by name."""
    multiplying = (MatrixVectorUnit, DepthwiseUnit)
    return {name: kernel for name, kernel in design.kernels.items() if isinstance(kernel, multiplying)}


def macs(design: Design) -> int:
    """Multiply-accumulates of a frame."""
    return sum(unit.macs for unit in units(design).values())


def multiplications(design: Design, interval: float) -> dict[str, float | str]:
    """What the frame's multiply-accumulates make of the multipliers, over all and in the slowest unit."""
    found = units(design)
    if not found:
        return {"macs_per_frame": 0}
    slowest = max(found, key=lambda name: found[name].cycles().interval)
    unit = found[slowest]
    return {
        "macs_per_frame": macs(design),
        "lanes": sum(u.lanes for u in found.values()),
        "slowest_unit": slowest,
        "slowest_unit_mac_utilisation": unit.macs / (unit.lanes * interval),
    }


def compile_rtl(config: BuildConfig, design: Design) -> Simulator:
    """Return the simulator of the emitted Verilog."""
    rtl = config.output_dir / RTL
    ends, load = ([design.input], [design.output]), design.load_packets()
    return compile_simulator(TOP, sorted(rtl.glob("*.sv")), *ends, data=rtl, flags=[ERROR_FLAG], load=load)


STEP = Step(
    "simulate",
    "RTL against the integer graph, with random stalls",
    run,
    needs=(GRAPH, DESIGN, RTL),
    makes=(PERFORMANCE, VERIFIED),
    settings=("model", "inputs", "data", "frames", "stall_probability", "seed", "synth_clk_mhz", "board"),
)
