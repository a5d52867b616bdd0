"""What a point has with it on its way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from codesign.sweep.cache import Cache
from codesign.sweep.checks import score_of
from codesign.sweep.designs import Designs
from codesign.sweep.point import Point, Row
from codesign.sweep.study import Study
from quant.training.rungs import Final


class Trainee(Protocol):
    """A network that is trained by rungs (``codesign.sweep.learning``)."""

    def at(self, rung: int) -> float:
        """Return its score on the validation samples after a rung, from 0."""

    def final(self) -> Final:
        """Return the net that is built."""


@dataclass
class Context:
    """A point on its way through the stages.

    Attributes:
        study: what is asked for.
        designs: makes networks and designs.
        learner: gives what the point's training choices have learnt, or trains them.
        point: with every axis' value.
        rows: the study's rows known by now.
        figures: known by now.
    """

    study: Study
    designs: Designs
    learner: Callable[[], Trainee]
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
