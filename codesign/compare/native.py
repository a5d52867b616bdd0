"""The column of the project's own kernels: their Verilog in Verilator, kernel by kernel where it differs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from codesign.build.lowering import FRAMES, check_references
from codesign.build.rtl_run import STALL_BURST, run_rtl
from codesign.build.steps.fold import folded_design
from codesign.compare.column import Column, Figure, Result, Stage, lines
from codesign.graph import IntegerGraph
from codesign.mapping.fifos import size_fifos
from hw.design.design import BOUNDARY, Design, End
from hw.design.emit import TOP, emit
from hw.design.taps import tap
from hw.sim import Stalls, compile_simulator

log = logging.getLogger("codesign")


class Native(Column):
    """Folded for the board's rate, emitted, and simulated with random stalls."""

    name, aliases = "native", ("own",)
    options = ("target_fps",)
    runs = "RTL (Verilator)"

    def prepare(self, graph: IntegerGraph) -> None:
        self.graph = graph
        log.info("lowering and folding")
        folded = folded_design(graph, self.config)
        log.info("sizing FIFOs")
        self.design, _ = size_fifos(folded)
        tensor = graph.tensors[graph.input]
        rng = np.random.default_rng(self.config.seed)
        check_references(graph, self.design, rng.integers(tensor.low, tensor.high + 1, (FRAMES, *tensor.shape)))
        emit(self.design, self.rtl)

    @property
    def rtl(self) -> Path:
        """Folder of the Verilog."""
        return self.folder / "rtl"

    def run(self, x: np.ndarray) -> Result:
        made = run_rtl(self.graph, self.design, self.rtl, x, self.config.stall_probability, self.config.seed)
        used = self.design.resources(self.config.target.family)
        figures = (
            Figure("units", len(self.design.kernels), "counted: kernels"),
            Figure("cycles a frame", made.interval, "measured (RTL)"),
            Figure("latency (cycles)", made.latency, "measured (RTL)"),
            Figure("LUT", used.lut, "model"),
            Figure("FF", used.ff, "model"),
            Figure("BRAM (18 kbit)", used.bram, "model"),
            Figure("DSP", used.dsp, "model"),
            Figure("weights and constants (bits)", _stored(self.design), "counted: first contents of memories"),
            Figure("lines of source", lines(self.rtl, "*.sv"), "counted: of this net, kernels included"),
        )
        faults = (f"frames cut in {made.frame_errors} cycles",) if made.frame_errors else ()
        return Result(made.outputs, made.mismatches, made.integers, figures, faults)

    def trace(self, x: np.ndarray) -> Iterator[Stage]:
        design = self.design
        sources, taps = tap(design, self.rtl)
        log.info("Verilator and the C++ compiler, with a tap on every one of %d streams", len(taps))
        load = design.load_packets()
        ports = [*taps.values(), design.output]
        simulator = compile_simulator(
            TOP, sources, [design.input], ports, data=self.rtl, load=load, optimise=False, behavioural=True
        )
        words = x.reshape(len(x), design.input.words, design.input.stream.lanes)
        stalls = Stalls(self.config.stall_probability, STALL_BURST, self.config.seed, outputs=False)
        found = simulator.run([words], stalls=stalls, timeout=20 * design.interval + 100_000).outputs
        expected = design.trace(words)
        for source, made in zip([*taps, design.edges[End(BOUNDARY)]], found, strict=True):
            operator = operator_of(design, source.instance) or self.graph.output
            maker = self.graph.maker(operator)
            kernel = f"{type(design.kernels[source.instance]).__name__} {source.instance}"
            right = expected[source]
            if source.instance in design.tensors:  # in the tensor's own order
                right, made = (v.reshape(len(x), *self.graph.tensors[operator].shape) for v in (right, made))
            yield Stage(operator, type(maker).__name__ if maker else "input", kernel, right, made)


def _stored(design: Design) -> int:
    """Bits of the memories' first contents; weights that are logic or come in every frame are not among them."""
    memories = [memory for kernel in design.kernels.values() for memory in kernel.memories().values()]
    return sum(memory.bits * len(memory.words) for memory in memories)


def operator_of(design: Design, instance: str) -> str | None:
    """Return the graph's tensor that a kernel works on: the one it makes, or the first made behind it."""
    targets = design.targets()
    while instance != BOUNDARY:
        if instance in design.tensors:
            return design.tensors[instance]
        instance = targets[End(instance)].instance
    return None
