"""A point through its stages, the cheap before the dear; what each decided is kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from codesign.build.config import BuildConfig
from codesign.files import replacing_folder
from codesign.sweep.cache import Cache
from codesign.sweep.context import Context
from codesign.sweep.designs import Designs, Unfit
from codesign.sweep.finished import finished
from codesign.sweep.point import Point, Row
from codesign.sweep.stages import JUDGING, VERIFYING
from codesign.sweep.stages.stage import Outcome, Stage
from codesign.sweep.stages.synthesize import Synthesize
from codesign.sweep.study import Study

BUILDABLE = "can be built"
"""What a point misses that no design can be made of."""


@dataclass(frozen=True)
class Artefacts:
    """What a build of a point starts from.

    Attributes:
        network: QONNX file of the final net.
        folding: as ``codesign build --folding-config-file`` reads it.
        inputs: real inputs to verify with, as ``codesign build --inputs`` reads them; None where there are none.
        board: its name.
        clock_mhz: asked of the board; None: its own.
    """

    network: Path
    folding: Path
    inputs: Path | None
    board: str
    clock_mhz: float | None

    def config(self, output_dir: Path) -> BuildConfig:
        """Return the settings of the build."""
        return BuildConfig(
            str(self.network),
            self.board,
            output_dir,
            synth_clk_mhz=self.clock_mhz,
            folding_config_file=self.folding,
            inputs=self.inputs,
        )


class Evaluator:
    """Judges and verifies a study's points.

    Args:
        study: what is asked for.
        cache: shared by all workers; the default one where None.
    """

    def __init__(self, study: Study, cache: Cache | None = None) -> None:
        self.study = study
        self.designs = Designs(study, cache or Cache())

    def evaluate(self, point: Point, front: Callable[[], list[Row]]) -> Row:
        """Return what is known of ``point`` when it has gone as far as it goes.

        Args:
            point: a value for every axis of the study.
            front: returns the rows that are known by now; those on the front may stop this one.

        Raises:
            VerificationFailed: a network's integers are not its own.
        """
        context = self._context(point, front)
        return _through(JUDGING, context, Row(point, {}, {}, ""))

    def verify(self, row: Row, synthesize: bool) -> Row:
        """Return ``row`` with its figures measured in the RTL's simulation, with ``synthesize`` by yosys too.

        Raises:
            VerificationFailed: the RTL gives a wrong integer, or takes other cycles than the model.
        """
        context = self._context(row.point, list)
        context.figures.update(row.figures)
        return _through([s for s in VERIFYING if synthesize or s.name != Synthesize.name], context, row)

    def artefacts(self, row: Row, folder: Path | None = None) -> Artefacts:
        """Return what a build of ``row`` starts from, copied to ``folder`` where one is given.

        Raises:
            Unfit: no design can be made of it.
        """
        context = self._context(row.point, list)
        made = finished(context)
        inputs, clock = self.designs.inputs(row.point), context.point.get("clock_mhz")
        files = [made.network, made.folding, *([inputs] if inputs else [])]
        if folder is not None:
            with replacing_folder(folder) as fresh:
                for file in files:
                    shutil.copy(file, fresh / file.name)
            files = [folder / file.name for file in files]
        network, folding, *rest = files
        return Artefacts(
            network,
            folding,
            rest[0] if rest else None,
            str(context.point["board"]),
            None if clock is None else float(clock),
        )

    def _context(self, point: Point, rows: Callable[[], list[Row]]) -> Context:
        return Context(self.study, self.designs, lambda: self.designs.learnt(point), self.designs.complete(point), rows)


def _through(stages: Iterable[Stage], context: Context, row: Row) -> Row:
    """Send a point through ``stages`` until one stops it."""
    missed: Mapping[str, float] = {}
    for stage in stages:
        started = _seconds()
        try:
            outcome = stage.run(context)
        except Unfit as error:
            outcome = Outcome({}, "", "no design", str(error), {BUILDABLE: 1.0})
        context.figures.update(outcome.figures)
        missed = outcome.missed
        row = replace(
            row,
            figures=dict(context.figures),
            sources={**row.sources, **outcome.sources()},
            stage=stage.name,
            stopped=outcome.stopped,
            violations={**context.study.violations(context.figures), **missed},
            decisions={**row.decisions, stage.name: outcome.decision},
            seconds={**row.seconds, stage.name: row.seconds.get(stage.name, 0.0) + (_seconds() - started)},
        )
        if outcome.stopped:
            break
    return row


def _seconds() -> float:
    """Processor time so far, that of finished child processes included."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
