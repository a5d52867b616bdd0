"""The final design of a point: the trained network, folded and with FIFOs, as a build makes it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from boards.board import Board
from codesign.build import frames
from codesign.build.budget import beside_shell
from codesign.build.steps.fold import target_interval
from codesign.build.steps.ingest import float_frames
from codesign.files import write_json
from codesign.imports import code_of
from codesign.ingest.verify import compare
from codesign.mapping.folding.file import read_folding, write_folding
from codesign.mapping.forms import choose_forms
from codesign.sweep.cache import contents
from codesign.sweep.context import Context
from codesign.sweep.designs import CLEAN, REAL, load_design, load_graph
from codesign.sweep.judge import hardware
from hw.kernels.kernel import Resources
from hw.lowering import fold
from hw.tokens.design import run as run_tokens

FOLDING, FIGURES, DESIGN = "folding.json", "figures.json", "design"


@dataclass(frozen=True)
class Finished:
    """A point's final design, in the cache.

    Attributes:
        network: its QONNX file.
        graph: folder of the IntegerGraph.
        folder: of the folding file, the Design and its figures.
        figures: by models.
        missed: of what a board must hold and reach, by how much.
        cycles: ``interval`` and ``first_frame`` by the token model, which the RTL must meet.
        clock_mhz: as the board makes it.
    """

    network: Path
    graph: Path
    folder: Path
    figures: dict[str, float]
    missed: dict[str, float]
    cycles: dict[str, float]
    clock_mhz: float

    @property
    def design(self) -> Path:
        """Folder of the Design with its FIFOs."""
        return self.folder / DESIGN

    @property
    def folding(self) -> Path:
        """The folding as ``codesign build --folding-config-file`` reads it."""
        return self.folder / FOLDING


def finished(context: Context) -> Finished:
    """Return the final design of a point; what is trained is trained to its end.

    Raises:
        Unfit: there is none.
        VerificationFailed: the integers differ from the network's own runs.
    """
    designs, point = context.designs, context.point
    final = context.final()
    network = designs.network(point, final.weights if final else None)
    graph = designs.graph(network)
    lowered = designs.lowered(point, graph)
    config = designs.config(point, network)
    form = str(point["form"])

    def make(folder: Path) -> None:
        judge = designs.judge(point, lowered)
        judged = judge.at(target_interval(config), form, judge.left(config.target))
        write_folding(folder / FOLDING, judged.folding)
        unfolded = load_design(lowered)
        folded = choose_forms(fold(unfolded, read_folding(folder / FOLDING, unfolded)), judge.family)
        made = judge.complete(replace(judged, design=folded, interval=folded.interval))
        figures, missed = hardware(judge, config.target, config.clock_mhz, made)
        tokens = run_tokens(made.design)
        made.design.save(folder / DESIGN)
        cycles = {"interval": tokens.cycles_per_frame, "first_frame": tokens.first_frame}
        write_json(folder / FIGURES, {"figures": figures, "missed": missed, "cycles": cycles})

    asked: list[Any] = [config.target, config.synth_clk_mhz, config.target_fps, form]
    code = code_of("codesign.sweep.judge", "codesign.mapping.folding.file", "hw.lowering.adapt", own=__name__)
    folder = designs.fitting("design", [contents(lowered.parent), *asked, code], make)
    found = json.loads((folder / FIGURES).read_text())
    return Finished(network, graph, folder, **found, clock_mhz=config.clock_mhz)


def check_integers(context: Context, made: Finished) -> int:
    """Hold the integers against the network's float64 and float32 runs; return how many were compared.

    Raises:
        VerificationFailed: they differ, but for listed near ties.
    """
    designs = context.designs
    inputs = designs.inputs(context.point)

    def make() -> int:
        graph = load_graph(made.graph)
        config = designs.config(context.point, made.network, inputs=inputs, seed=context.study.seed)
        x = frames.real_inputs(config, graph, min(REAL, float_frames(graph)))
        comparison = compare(graph, made.graph.parent / CLEAN, x)
        comparison.check()
        return comparison.outputs

    parts = [contents(made.graph.parent), inputs, context.study.seed, code_of("codesign.ingest.verify", own=__name__)]
    return context.cache.value("compared", parts, make)


def share(used: Resources, board: Board) -> float:
    """Return what is taken of the board's scarcest resource, of what its shell leaves."""
    left = asdict(beside_shell(board))
    return max(amount / max(left[kind], 1) for kind, amount in asdict(used).items())
