"""What a stage is given and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from codesign.sweep.cache import Cache
from codesign.sweep.checks import score_of
from codesign.sweep.designs import Designs
from codesign.sweep.point import Point, Row
from codesign.sweep.study import Study
from quant.training.rungs import Final, Learner

MODEL, MEASURED, RTL, YOSYS = "model", "measured", "measured (RTL)", "yosys estimate"
"""Sources of figures."""


@dataclass(frozen=True)
class Outcome:
    """What a stage found.

    Attributes:
        figures: new or better ones, by name.
        source: of all of them, or of each by its name.
        decision: in a few words.
        stopped: why the point goes no further, in a sentence; empty where it does.
        missed: beside the study's constraints, by how much, relative to the limit.
    """

    figures: Mapping[str, float]
    source: str | Mapping[str, str]
    decision: str
    stopped: str = ""
    missed: Mapping[str, float] = field(default_factory=dict)

    def sources(self) -> dict[str, str]:
        """Return the source of each figure."""
        given = self.source
        return dict.fromkeys(self.figures, given) if isinstance(given, str) else dict(given)


@dataclass
class Context:
    """A point on its way through the stages.

    Attributes:
        study: what is asked for.
        designs: makes networks and designs.
        learner: of the point's training choices; it is only made where something is trained.
        point: with every axis' value.
        rows: the study's rows known by now.
        figures: known by now.
    """

    study: Study
    designs: Designs
    learner: Callable[[], Learner]
    point: Point
    rows: Callable[[], list[Row]]
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def cache(self) -> Cache:
        """Of all workers."""
        return self.designs.cache

    @property
    def score(self) -> str:
        """The score that the study asks for, ``accuracy`` or ``error``; empty where it asks for none."""
        score, study = score_of(self.designs.preset), self.study
        return score if score in (*study.objectives, *(c.figure for c in study.constraints)) else ""

    def final(self) -> Final | None:
        """Return the net that is built, trained to its end; None where nothing is trained."""
        return self.learner().final() if self.score else None


class Stage(Protocol):
    """One file here, and its place in ``codesign.sweep.stages``."""

    name: str

    def run(self, context: Context) -> Outcome:
        """Do it; ``Unfit`` where no design can be made of the point."""
