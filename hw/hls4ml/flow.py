"""hls4ml's flow for a graph: normalised, judged, converted, written; and its C simulation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codesign.graph import IntegerGraph
from hw.hls4ml import environment
from hw.hls4ml.convert import convert
from hw.hls4ml.csim import compile_program
from hw.hls4ml.emit import Emission, emit
from hw.hls4ml.fifos import Fifo, fifos
from hw.hls4ml.lint import judge
from hw.hls4ml.normalise import Rewrite, normalise
from hw.hls4ml.project import write
from hw.hls4ml.remarks import remarks
from hw.hls4ml.reuse import check_reuse
from hw.hls4ml.settings import Settings
from hw.hls4ml.target import Target


@dataclass(frozen=True, eq=False)
class Prepared:
    """A project that was written.

    Attributes:
        emission: of the normalised graph.
        rewrites: what was rewritten for hls4ml.
        folder: the project's.
        fifos: between its layers; none in ``io_parallel``.
        remarks: what its synthesis may stop at.
    """

    emission: Emission
    rewrites: tuple[Rewrite, ...]
    folder: Path
    fifos: tuple[Fifo, ...]
    remarks: tuple[str, ...]


def prepare(graph: IntegerGraph, settings: Settings, target: Target, folder: Path, *, trace: bool = False) -> Prepared:
    """Write the HLS project of ``graph`` into ``folder``, which is empty or not there.

    Args:
        trace: whether its C simulation can tell what every layer makes.

    Raises:
        Refused: the graph has no exact form in hls4ml's layers; with every reason.
        UserError: a setting does not fit the graph.
        MissingTool: hls4ml is not installed.
        VerificationFailed: a rewriting or hls4ml changed something, or a FIFO is too shallow.
    """
    environment.require()
    normalised = normalise(graph)
    emission = emit(normalised.graph, settings)
    judge(emission, target)
    check_reuse(emission)
    model = convert(emission, target, folder, trace=trace)
    write(model, folder)
    return Prepared(emission, normalised.rewrites, folder, fifos(model, folder), remarks(emission, target))


def simulate(graph: IntegerGraph, project: Path, folder: Path, x: np.ndarray) -> np.ndarray:
    """Compile a written project's C simulation into ``folder``; return the integers that it makes of ``x``.

    Raises:
        MissingTool: there is no g++.
        ToolFailed: g++ or the simulation failed.
    """
    return compile_program(project, folder, graph.tensors[graph.output].shape).run(x)
