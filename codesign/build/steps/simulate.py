"""The Verilog in Verilator: cycles without stalls, then every integer of many frames with random stalls."""

from __future__ import annotations

from codesign.build import frames, verification
from codesign.build.config import BuildConfig
from codesign.build.rtl_run import STALL_BURST, run_rtl
from codesign.build.step import Step
from codesign.build.steps.emit import RTL
from codesign.build.steps.ingest import GRAPH
from codesign.build.steps.size_fifos import DESIGN
from codesign.files import write_json
from codesign.graph import IntegerGraph
from hw.design.design import Design
from hw.design.units import macs, units
from hw.tokens import design as tokens

PERFORMANCE = "report/rtlsim_performance.json"
VERIFIED = "verification_output/rtl.json"


def run(config: BuildConfig) -> None:
    """Write the measured cycles and the result of the comparison."""
    graph = IntegerGraph.load(config.output_dir / GRAPH)
    design = Design.load(config.output_dir / DESIGN)
    x = frames.frames(config, graph, config.frames)
    made = run_rtl(graph, design, config.output_dir / RTL, x, config.stall_probability, config.seed)
    load = design.load_packets()
    predicted = tokens.run(design)
    write_json(
        config.output_dir / PERFORMANCE,
        {
            **multiplications(design, made.interval),
            "cycles_per_frame": made.interval,
            "predicted_cycles_per_frame": predicted.cycles_per_frame,
            "predicted_first_frame_cycles": predicted.first_frame,
            "bottleneck": design.bottleneck,
            "latency_cycles": made.latency,
            "first_frame_cycles": made.first_frame,
            **({"weight_words": {"start": len(load.start), "frame": load.frame_words}} if load else {}),
            "throughput_fps": config.clock_mhz * 1e6 / made.interval,
            "clock_mhz": config.clock_mhz,
            "simulated_cycles": made.cycles,
            "simulated_cycles_per_second": round(made.cycles / made.seconds),
            "simulated_macs_per_second": round(len(x) * macs(design) / made.seconds),
            "source": "measured (RTL)",
        },
    )
    verification.record(
        config.output_dir,
        "rtl",
        {
            "frames": made.frames,
            "mismatches": made.mismatches,
            "integers": made.integers,
            "stall_probability": config.stall_probability,
            "stall_cycles": STALL_BURST,
            "frames_with_long_stalls": made.long_frames,
            "frame_errors": made.frame_errors,
            "reference": "IntegerGraph",
            "first_difference": str(made.difference) if made.difference else None,
        },
    )
    verification.require_equal("The simulated Verilog", made.difference, made.mismatches, made.integers)


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


STEP = Step(
    "simulate",
    "RTL against the integer graph, with random stalls",
    run,
    needs=(GRAPH, DESIGN, RTL),
    makes=(PERFORMANCE, VERIFIED),
    settings=("model", "inputs", "data", "frames", "stall_probability", "seed", "synth_clk_mhz", "board"),
)
