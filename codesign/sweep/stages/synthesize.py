"""What yosys makes of the design."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path

import boards
from codesign.imports import code_of
from codesign.sweep.cache import contents
from codesign.sweep.context import Context
from codesign.sweep.designs import load_design
from codesign.sweep.finished import finished, share
from codesign.sweep.stages.stage import YOSYS, Outcome
from hw.kernels.kernel import Resources
from hw.synth import yosys
from hw.synth.design import synthesize


class Synthesize:
    """Counts the netlist's cells."""

    name = "synthesize"

    def run(self, context: Context) -> Outcome:
        """Return the design's size, beside the board's shell.

        Raises:
            MissingTool: there is no yosys.
        """
        made = finished(context)
        board = boards.get(str(context.point["board"]))

        def make() -> dict[str, int]:
            with tempfile.TemporaryDirectory(prefix="codesign") as scratch:
                return asdict(synthesize(load_design(made.design), board.family, Path(scratch)).total)

        version = yosys.TOOL.require().version
        parts = [contents(made.folder), board.family, version, code_of("hw.synth.design", own=__name__)]
        used = Resources(**context.cache.value("synthesized", parts, make))
        figures = {name: float(amount) for name, amount in asdict(used).items()} | {"share": share(used, board)}
        modelled = context.figures.get("lut")
        beside = f", by the model {modelled:,.0f}" if modelled is not None else ""
        return Outcome(figures, YOSYS, f"{used.lut:,} LUT{beside}")
