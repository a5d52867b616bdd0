"""FINN's column: its own executors on its own operators, as a witness; no hardware is made."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from math import prod

import numpy as np

from codesign.compare.column import Column, Figure, Result, Stage
from codesign.graph import IntegerGraph
from hw.finn import environment
from hw.finn.emit import save
from hw.finn.witness import executable, witness

log = logging.getLogger("codesign")
BUDGET_S = 60.0
"""FINN takes seconds a frame on large images: it gets fewer frames then, and the counted integers say so."""


class Finn(Column):
    """Every operator that FINN has an exact form of is compared; the others are given the graph's integers."""

    name = "finn"
    runs = "Python (FINN)"

    def prepare(self, graph: IntegerGraph) -> None:
        environment.require()
        self.graph = graph
        log.info("FINN's model")
        self.emission = executable(graph)
        self.model = self.folder / "model.onnx"
        save(self.emission.model, self.model)

    def run(self, x: np.ndarray) -> Result:
        log.info("FINN's executors")
        made = witness(self.graph, x, budget_s=BUDGET_S, model=self.model, emission=self.emission)
        self.first = made.first_difference
        sizes = (prod(self.graph.tensors[name].shape) for name in made.witnessed)
        figures = (
            Figure("units", sum(made.operators.values()), "counted: FINN's nodes"),
            Figure("frames executed", made.frames, "counted"),
            Figure("operators left to the graph", len(made.missing), "counted"),
        )
        return Result(None, made.mismatches, made.frames * sum(sizes), figures)

    def trace(self, x: np.ndarray) -> Iterator[Stage]:
        """What FINN's process says is the first difference, among right integers: it keeps no others."""
        if self.first is None:
            return
        expected = self.graph.trace(x)[self.first.operator]
        found = expected.astype(np.float64)
        found[(self.first.frame, *self.first.index)] = self.first.found
        yield Stage(self.first.operator, self.first.kind, f"FINN's {', '.join(self.first.nodes)}", expected, found)
