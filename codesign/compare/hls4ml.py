"""hls4ml's column: its C++ compiled by g++, layer by layer where it differs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from codesign.build.steps.hls4ml_model import settings, target
from codesign.compare.column import Column, Figure, Result, Stage, lines
from codesign.graph import IntegerGraph
from hw.hls4ml import csim
from hw.hls4ml.emit import Emission
from hw.hls4ml.flow import prepare

log = logging.getLogger("codesign")


class Hls4ml(Column):
    """HLS C++ as a build with the same settings writes it, and the calls that trace its layers."""

    name = "hls4ml"
    options = ("reuse_factor", "precision", "io_type", "strategy")
    runs = "C simulation (g++)"

    def prepare(self, graph: IntegerGraph) -> None:
        self.graph = graph
        log.info("normalising, converting and writing the HLS project")
        self.prepared = prepare(graph, settings(self.config), target(self.config), self.project, trace=True)

    @property
    def project(self) -> Path:
        """Folder of the HLS project."""
        return self.folder / "project"

    def run(self, x: np.ndarray) -> Result:
        log.info("g++ on the HLS project")
        shape = self.graph.tensors[self.graph.output].shape
        self.program = csim.compile_program(self.project, self.folder / "csim", shape)
        log.info("%d frames", len(x))
        found, expected = self.program.run(x), self.graph.run(x)
        return Result(
            found, int((found != expected).sum()), expected.size, figures(self.prepared.emission, self.project)
        )

    def trace(self, x: np.ndarray) -> Iterator[Stage]:
        emission = self.prepared.emission
        log.info("every layer of %d frames", len(x))
        made, expected = self.program.trace(x), emission.graph.trace(x)
        for op in emission.graph.operators:
            layer = emission.tensors[op.output]
            if layer in made:  # what hls4ml has no code for, such as a reshape, moves no integer
                right = expected[op.output]
                found = made[layer].reshape(right.shape)
                yield Stage(op.output, type(op).__name__, f"hls4ml's layer {layer}", right, found)


def figures(emission: Emission, project: Path) -> tuple[Figure, ...]:
    """Sizes of what was written; hls4ml has no estimate of cycles or LUTs before synthesis."""
    constants = sum(
        kind.bits * np.size(layer[f"{what}_data"])
        for layer in emission.layers
        for what, kind in emission.types[layer["name"]].items()
        if f"{what}_data" in layer
    )
    accumulators = [kinds["accum"].bits for kinds in emission.types.values() if "accum" in kinds]
    return (
        Figure("units", len(emission.layers) - 1, "counted: layers"),
        Figure("weights and constants (bits)", constants, "counted: as hls4ml stores them"),
        Figure("widest accumulator (bits)", max(accumulators, default=0), "from proven ranges"),
        Figure("lines of source", lines(project / "firmware", "*.cpp", "*.h"), "counted: of this net"),
    )
