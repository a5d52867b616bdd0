"""The emitted Verilog against the integer graph, with stalls; its cycles are measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from codesign.build import frames, rtl_run
from codesign.errors import VerificationFailed
from codesign.imports import code_of
from codesign.sweep.cache import contents
from codesign.sweep.context import Context
from codesign.sweep.designs import load_design, load_graph
from codesign.sweep.finished import Finished, finished
from codesign.sweep.stages.stage import RTL, Outcome
from hw.design.emit import emit
from hw.sim.tools import compiler, verilator

STALLS = 0.3
"""Probability of a stall, of each port in each cycle."""
KEPT = (
    *("interval", "latency", "first_frame", "cycles"),
    *("frames", "long_frames", "integers", "mismatches", "frame_errors"),
)
"""Of an ``RtlRun``, what is kept: plain numbers that another run would find again."""


class Simulate:
    """Every integer must be the graph's, and the cycles the model's: a difference ends the study."""

    name = "simulate"

    def run(self, context: Context) -> Outcome:
        """Return the measured rate and latency.

        Raises:
            VerificationFailed: an integer or a cycle differs.
        """
        made = finished(context)
        found = simulated(context, made)
        predicted = made.cycles
        what = f"The simulated Verilog of {made.network.stem} at {dict(context.point)}"
        if found["mismatches"]:
            raise VerificationFailed(
                f"{what} differs from the integer graph in {found['mismatches']} of {found['integers']} integers, "
                f"first at {found['first']}."
            )
        if found["frame_errors"]:
            raise VerificationFailed(f"{what} saw {found['frame_errors']} frames cut where none was.")
        for name, mine in predicted.items():
            if found[name] != mine:
                raise VerificationFailed(f"{what} has {name} {found[name]:,} cycles, and its model {mine:,}.")
        clock = made.clock_mhz
        figures = {
            "interval": float(found["interval"]),
            "fps": clock * 1e6 / found["interval"],
            "latency_us": found["first_frame"] / clock,
        }
        return Outcome(figures, RTL, f"{found['integers']:,} integers of {found['frames']} frames as they must be")


def simulated(context: Context, made: Finished) -> dict[str, Any]:
    """Return the run of the point's Verilog (``KEPT`` of an ``RtlRun``), with its first difference in words."""
    cache, study = context.cache, context.study

    def write(folder: Path) -> None:
        emit(load_design(made.design), folder)

    rtl = cache.get("rtl", [contents(made.folder), code_of("hw.design.emit", own=__name__)], write)
    inputs = context.designs.inputs(context.point)

    def measure() -> dict[str, Any]:
        graph = load_graph(made.graph)
        config = context.designs.config(context.point, made.network, inputs=inputs, seed=study.seed)
        x = frames.frames(config, graph, study.verify.frames)
        run = rtl_run.run_rtl(graph, load_design(made.design), rtl, x, STALLS, study.seed)
        first = str(run.difference) if run.difference else ""
        return {**{name: getattr(run, name) for name in KEPT}, "first": first}

    code = [
        code_of("hw.sim.simulator", "codesign.build.frames", "codesign.graph", own=__name__),
        Path(rtl_run.__file__),
    ]
    tools = [verilator().version, compiler()]
    parts = [contents(rtl), contents(made.graph.parent), inputs, study.verify.frames, study.seed, STALLS, code, tools]
    found: dict[str, Any] = cache.value("simulated", parts, measure)
    return found
