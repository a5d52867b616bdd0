"""da4ml's column: small networks fully unrolled into Verilog by da4ml (LGPLv3), simulated in Verilator."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from codesign.compare.column import Column, Figure, Result, Stage, lines
from codesign.graph import IntegerGraph
from hw.da4ml.trace import unroll
from hw.da4ml.verilog import simulate, split, write

log = logging.getLogger("codesign")


class Da4ml(Column):
    """A frame a cycle, no multipliers; the outputs cannot be stalled."""

    name = "da4ml"
    runs = "RTL (Verilator)"

    def prepare(self, graph: IntegerGraph) -> None:
        self.graph = graph
        log.info("unrolling, and sharing sums")
        self.unrolled = unroll(graph)
        write(self.unrolled, self.project)

    @property
    def project(self) -> Path:
        """Folder of da4ml's project."""
        return self.folder / "project"

    def run(self, x: np.ndarray) -> Result:
        log.info("Verilator and the C++ compiler on the unrolled Verilog")
        made = simulate(self.unrolled, self.project, x, self.config.stall_probability, self.config.seed)
        free = simulate(self.unrolled, self.project, x[:8], 0.0, self.config.seed)
        found, expected = split(self.unrolled, made.outputs[0])[self.graph.output], self.graph.run(x)
        cycles = (Figure("cycles a frame", free.interval, "measured (RTL)"),) if len(x) > 1 else ()
        return Result(
            found,
            int((found != expected).sum()),
            expected.size,
            (
                *cycles,
                Figure("latency (cycles)", free.latency, "measured (RTL)"),
                Figure("LUT", self.unrolled.cost, "da4ml's estimate"),
                Figure("FF", self.unrolled.pipeline.reg_bits, "da4ml's estimate"),
                Figure("lines of source", lines(self.project / "src", "*.v"), "counted: of this net"),
            ),
        )

    def trace(self, x: np.ndarray) -> Iterator[Stage]:
        """All operators' outputs of the logic made once more with all of them as outputs."""
        shown = tuple(op.output for op in self.graph.operators)
        unrolled = unroll(self.graph, shown)
        folder = self.folder / "trace"
        write(unrolled, folder)
        log.info("Verilator and the C++ compiler, with every operator's output shown")
        found = split(unrolled, simulate(unrolled, folder, x, 0.0, self.config.seed).outputs[0])
        expected = self.graph.trace(x)
        for op in self.graph.operators:
            yield Stage(op.output, type(op).__name__, "da4ml's logic", expected[op.output], found[op.output])
