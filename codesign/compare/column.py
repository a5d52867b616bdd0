"""What a back end is to the comparison: it makes something of a graph, runs frames through it, and shows its inside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from codesign.build.config import BuildConfig
from codesign.graph import IntegerGraph


@dataclass(frozen=True)
class Figure:
    """A number and where it comes from.

    Attributes:
        what: what is counted; columns that count the same thing say it alike.
        value: the number.
        source: ``measured (RTL)``, ``model``, ``counted``…
    """

    what: str
    value: float
    source: str


@dataclass(frozen=True, eq=False)
class Result:
    """What came of the frames.

    Attributes:
        outputs: int64 [N, *shape], or None where a back end only tells how many differ.
        mismatches: integers that are not the graph's.
        integers: that were compared.
        figures: sizes and cycles.
        faults: what went wrong beside wrong integers, a clause each.
    """

    outputs: np.ndarray | None
    mismatches: int
    integers: int
    figures: tuple[Figure, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether every integer is the graph's, and nothing else went wrong."""
        return not self.mismatches and not self.faults


@dataclass(frozen=True, eq=False)
class Stage:
    """The integers at one place inside of a back end.

    Attributes:
        operator: the output's name of the operator that it serves.
        kind: the operator's class.
        place: the back end's own name: a kernel's instance, a layer.
        expected, found: [N, …] of one shape; the first is int64.
    """

    operator: str
    kind: str
    place: str
    expected: np.ndarray
    found: np.ndarray


class Column(ABC):
    """One back end, on one graph.

    Attributes:
        name: as in ``--backends``; the other names that it goes by are in ``aliases``.
        options: parameters of the command that not every back end reads, and this one does.
        runs: what is executed, for people.

    Args:
        config: the board, the clock, the seed.
        folder: where everything is written; empty.
    """

    name: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    options: ClassVar[tuple[str, ...]] = ()
    runs: ClassVar[str]

    def __init__(self, config: BuildConfig, folder: Path) -> None:
        self.config, self.folder = config, folder

    @abstractmethod
    def prepare(self, graph: IntegerGraph) -> None:
        """Write what the back end makes of ``graph`` into the folder.

        Raises:
            CodesignError: it cannot, and why.
        """

    @abstractmethod
    def run(self, x: np.ndarray) -> Result:
        """Run the frames ``x`` (int64 [N, *shape]) through what was written."""

    @abstractmethod
    def trace(self, x: np.ndarray) -> Iterator[Stage]:
        """Yield what is inside for the frames ``x``, in the order of the computation; it may end before the output."""


def lines(folder: Path, *patterns: str) -> int:
    """Lines of the files right in ``folder`` that match one of ``patterns``."""
    return sum(path.read_text().count("\n") for pattern in patterns for path in folder.glob(pattern))
