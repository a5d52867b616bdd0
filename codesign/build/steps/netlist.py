"""The synthesized netlist, cell by cell, against the IntegerGraph on frames that the RTL has passed."""

from __future__ import annotations

import logging

from codesign.build import frames, verification
from codesign.build.config import BuildConfig
from codesign.build.project import SYNTH
from codesign.build.step import Step
from codesign.build.steps.ingest import GRAPH
from codesign.build.steps.simulate import VERIFIED as RTL_VERIFIED
from codesign.build.steps.size_fifos import DESIGN
from codesign.graph import IntegerGraph
from hw.design.design import Design
from hw.design.emit import ERROR_FLAG, TOP
from hw.sim import Stalls, compile_simulator
from hw.synth.netlist import simulation_model

log = logging.getLogger("codesign")
VERIFIED = "verification_output/netlist.json"
STALL_BURST = 8


def run(config: BuildConfig) -> None:
    """Write the result of the comparison."""
    graph = IntegerGraph.load(config.output_dir / GRAPH)
    design = Design.load(config.output_dir / DESIGN)
    model = simulation_model(config.output_dir / SYNTH / f"{TOP}.json", TOP, config.output_dir / "netlist/netlist.v")
    log.info("Verilator and the C++ compiler")
    ends, load = ([design.input], [design.output]), design.load_packets()
    simulator = compile_simulator(TOP, [model], *ends, flags=[ERROR_FLAG], optimise=False, load=load)
    x = frames.frames(config, graph, config.netlist_frames)
    words = x.reshape(len(x), design.input.words, design.input.stream.lanes)
    log.info("%d frames", len(x))
    result = simulator.run(
        [words],
        stalls=Stalls(config.stall_probability, STALL_BURST, config.seed),
        timeout=20 * design.interval + 100_000,
    )
    expected = graph.run(x)
    found = result.outputs[0].reshape(expected.shape)
    difference = verification.first_difference(expected, found)
    mismatches = int((expected != found).sum())
    verification.record(
        config.output_dir,
        "netlist",
        {
            "netlist_frames": len(x),
            "netlist_mismatches": mismatches,
            "netlist_cycles_per_second": round(result.cycles / result.seconds),
            "netlist_first_difference": str(difference) if difference else None,
        },
    )
    verification.require_equal("The synthesized netlist", difference, mismatches, expected.size)


STEP = Step(
    "netlist",
    "the netlist's cells against the integer graph",
    run,
    needs=(GRAPH, DESIGN, SYNTH, RTL_VERIFIED),
    makes=(VERIFIED,),
    settings=("model", "inputs", "data", "netlist_frames", "stall_probability", "seed", "board"),
)
