"""What a stage is, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from codesign.sweep.context import Context

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


class Stage(Protocol):
    """One file here, and its place in ``codesign.sweep.stages``."""

    name: str

    def run(self, context: Context) -> Outcome:
        """Do it; ``Unfit`` where no design can be made of the point."""
