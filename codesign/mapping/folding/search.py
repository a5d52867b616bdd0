"""Folding by search: all kernels at once, as few resources or as few cycles as there can be on a part."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from math import isqrt
from typing import Any

from codesign.errors import UserError
from codesign.mapping.folding.greedy import Greedy
from codesign.mapping.folding.model import Model, Solution
from codesign.mapping.folding.options import Options
from codesign.mapping.forms import choose_forms, relieve
from hw.design.design import Design
from hw.kernels.kernel import Resources
from hw.lowering.adapt import Folder, fold

SECONDS = 20.0
"""Time for one program."""
GAP = 1e-3
"""Share of a design's resources by which a better one may exist when the search ends."""
STEP = 1.02
"""By how much the fastest interval found may be longer than the shortest that there is."""
SHORT = 64
"""Cycles up to which it is the shortest."""
Folds = dict[str, dict[str, Any]]
log = logging.getLogger("codesign")


@dataclass(frozen=True)
class Part:
    """What there is for a design.

    Attributes:
        family: part family.
        budget: of each resource, at most.
        name: for people.
    """

    family: str
    budget: Resources
    name: str = "the part"

    def share(self, used: Resources) -> float:
        """Return the sum over all resources of what is used of what there is."""
        return sum(have / max(limit, 1) for have, limit in zip(*map(_amounts, (used, self.budget)), strict=True))

    def excess(self, used: Resources) -> dict[str, int]:
        """Return by how much each resource is exceeded."""
        pairs = zip(asdict(used).items(), _amounts(self.budget), strict=True)
        return {kind: have - limit for (kind, have), limit in pairs if have > limit}


def settings(lowered: Design, folding: Mapping[str, Mapping[str, int]], design: Design) -> Folds:
    """Return all that makes ``design`` of ``lowered``: the folds of ``folding`` with those of 1, and the forms."""
    return {
        name: {
            **dict.fromkeys(kernel.folds, 1),
            **folding.get(name, {}),
            **{key: getattr(design.kernels[name], key) for form in kernel.forms() for key in form},
        }
        for name, kernel in lowered.kernels.items()
        if kernel.folds
    }


def _amounts(resources: Resources) -> tuple[int, ...]:
    return tuple(asdict(resources).values())


@dataclass(frozen=True, eq=False)
class Found:
    """A folding with its Design.

    Attributes:
        folding: of each kernel the folds and the form.
        design: folded with it.
        used: what the design takes, by its kernels' models.
        proven: whether none is better by more than the solver's gap; else it is the best so far.
        greedy: whether it is the one that the search began with.
    """

    folding: Folds
    design: Design
    used: Resources
    proven: bool
    greedy: bool


@dataclass
class Search:
    """The foldings of a lowered Design on a part; what is evaluated once serves every target.

    Attributes:
        lowered: the Design, unfolded.
        part: what it is to fit.
        seconds: time for one program; when it is over the best so far is taken.
        ended_early: whether that was so in the last search.
    """

    lowered: Design
    part: Part
    seconds: float = SECONDS
    ended_early: bool = False
    _options: Options = field(init=False)
    _greedy: Greedy = field(init=False)
    _undecided: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._options = Options(self.lowered, self.part.family)
        self._greedy = Greedy(Folder(self.lowered))

    def smallest(self, interval: int, gap: float = GAP, seconds: float | None = None) -> Found | None:
        """Return the smallest design that meets ``interval`` cycles a frame, None where none fits the part.

        It is never larger than the greedy folding's, with which the solver begins.

        Args:
            interval: cycles a frame.
            gap: share of its resources by which a better one may exist.
            seconds: time limit, where it is not the search's.

        Raises:
            UserError: no folding is as fast, whatever the part.
        """
        start = self.start(interval)
        solution = Model(self._options, interval, self.part.budget, start.folding).solve(
            self.seconds if seconds is None else seconds, gap
        )
        candidates = [self._made(solution)] if solution.chosen else []
        candidates += [] if self.part.excess(start.used) else [replace(start, proven=solution.proven)]
        self.ended_early = not solution.proven
        return min(candidates, key=lambda found: self.part.share(found.used), default=None)

    def fastest(self, at_least: int = 0) -> Found | None:
        """Return the smallest design of the shortest interval that fits the part, None where none fits.

        Bisects the intervals until a shorter one could be no more than STEP better; the programs on the way ask only
        whether any design fits.

        Args:
            at_least: an interval below which nothing is known to fit.
        """
        self._undecided = False
        low = max(self.fastest_interval, at_least) - 1
        high = self._fits(self.lowered.interval)
        if high is None:
            return None
        while high > low + 1 and (high > STEP * low or high <= SHORT):
            middle = min(high - 1, max(low + 1, isqrt(low * high)))
            fitting = self._fits(middle)
            log.info("folding: %s cycles a frame %s", f"{middle:,}", "fit" if fitting else "do not fit")
            # Weights that are streamed may take longer than any kernel, and less with more kernels' time.
            low, high = (low, fitting) if fitting is not None and fitting <= middle else (middle, high)
        found = self.smallest(high)
        self.ended_early |= self._undecided
        return replace(found, proven=found.proven and not self._undecided) if found else None

    def nearest(self, interval: int) -> Found:
        """Return the design that meets ``interval`` with the least beyond the budget.

        Raises:
            UserError: no folding is as fast, whatever the part.
        """
        start = self.start(interval)
        solution = Model(self._options, interval, self.part.budget, start.folding, elastic=True).solve(self.seconds)
        return self._made(solution) if solution.chosen else start

    def reserve(self, used: Resources) -> None:
        """Leave so much of the part to what is put in after the folding."""
        self.part = replace(self.part, budget=self.part.budget.without(used))

    @property
    def fastest_interval(self) -> int:
        """Cycles a frame that no folding is below."""
        return self._options.fastest(self.slowest)

    def sentence(
        self,
        interval: int,
        asked: str = "",
        rate: Callable[[int], str] = lambda cycles: f"{cycles:,} cycles a frame",
    ) -> str:
        """Return why no folding meets ``interval`` on the part, what it lacks, and the best that there is.

        Args:
            interval: cycles a frame.
            asked: what was asked for, by the name of whoever asked.
            rate: how to say so many cycles a frame to them.
        """
        searched = f" (none was found in {self.seconds:g} s)" if self.ended_early else ""
        best = self.fastest()
        remedy = f"the best that fits is {rate(best.design.interval)}" if best else "no folding of this model fits"
        return f"{self._lack(interval, asked or rate(interval))}{searched}: {remedy}."

    def too_large(self) -> str:
        """Return what the part lacks for the model at its slowest."""
        return f"{self._lack(self.lowered.interval, 'its slowest')}: no folding of this model fits."

    def _lack(self, interval: int, rate: str) -> str:
        nearest, budget = self.nearest(interval), vars(self.part.budget)
        excess = self.part.excess(nearest.used)
        lacks = ", ".join(f"{n:,} {k.upper()} more than the {budget[k]:,} of it" for k, n in excess.items())
        source = "model estimate"
        for kind in (kind for kind in excess if not budget[kind]):
            kernels = nearest.design.kernels.items()
            users = [name for name, kernel in kernels if vars(kernel.resources(self.part.family))[kind]]
            source += f"; no form without {kind.upper()}: {', '.join(users)}"
        return f"{self.lowered.name} at {rate} needs {lacks} on {self.part.name} ({source})"

    @cached_property
    def intervals(self) -> list[int]:
        """Intervals that kernels can have, ascending."""
        return self._options.intervals()

    @cached_property
    def slowest(self) -> str:
        """The kernel that is slowest where all are at their fastest: no folding is faster."""
        return max(self.lowered.kernels, key=self._options.fastest)

    def _fits(self, interval: int) -> int | None:
        """The interval of some design that meets ``interval`` and fits the part, None where there is none."""
        try:
            start = self.start(interval)
        except UserError:
            return None
        if not self.part.excess(start.used):
            return start.design.interval
        model = Model(self._options, interval, self.part.budget, start.folding)
        solution = model.solve(self.seconds, gap=1.0, first=True)
        self._undecided |= not (solution.chosen or solution.proven)
        return self._made(solution).design.interval if solution.chosen else None

    def start(self, interval: int) -> Found:
        """Return the greedy folding, complete with its forms; raises UserError where none is as fast."""
        made = self._greedy.folder.made
        folding, folded = self._greedy.fold(interval)
        design = relieve(choose_forms(folded, self.part.family, made), self.part.family, self.part.budget, made)
        complete = settings(self.lowered, folding, design)
        return Found(complete, design, design.resources(self.part.family), proven=False, greedy=True)

    def _made(self, solution: Solution) -> Found:
        kernels = self.lowered.kernels
        folding = {name: dict(option.settings) for name, option in solution.chosen.items() if kernels[name].folds}
        design = fold(self.lowered, folding)
        return Found(folding, design, design.resources(self.part.family), solution.proven, greedy=False)
