"""A study: what is varied, what is wanted, and how much may be tried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import floor, inf, prod
from pathlib import Path

from codesign.sweep.point import Row, Value, front

SAMPLERS = ("grid", "random", "nsga2", "tpe", "gp")


@dataclass(frozen=True)
class Range:
    """The values of an axis.

    Attributes:
        choices: in order; where there are any, the rest does not count.
        low, high: both included.
        step: between values of a range; 0 for real numbers.
        log: whether small values are looked at as closely as large ones.
    """

    choices: tuple[Value, ...] = ()
    low: float = 0
    high: float = 0
    step: float = 0
    log: bool = False

    @property
    def size(self) -> float:
        """How many values there are; infinite where they are real numbers."""
        if self.choices:
            return len(self.choices)
        return floor((self.high - self.low) / self.step + 1e-9) + 1 if self.step else inf


@dataclass(frozen=True)
class Constraint:
    """A limit on a figure: ``figure >= limit`` where ``at_least``, else ``figure <= limit``."""

    figure: str
    at_least: bool
    limit: float

    def __str__(self) -> str:
        return f"{self.figure} {'>=' if self.at_least else '<='} {self.limit:g}"

    def violation(self, value: float) -> float:
        """Return by how much ``value`` misses the limit, relative to it (to 1 where it is 0); 0 where it does not."""
        missing = self.limit - value if self.at_least else value - self.limit
        return max(0.0, missing / (abs(self.limit) or 1))


@dataclass(frozen=True)
class TrainingPlan:
    """How nets are trained in a study.

    Attributes:
        float_epochs: of the float net, which all number formats of one shape share.
        rungs: epochs of the quantized phase after which a point is looked at; only the good ones go on. Each rung goes
            on from the net of the one before.
        folds: parts of the training half that take turns to validate (whole subjects each); for data without a
            validation part of its own.
        split: of the data set, from 1.
        seed: of everything random.
    """

    float_epochs: int = 40
    rungs: tuple[int, ...] = (4, 12, 24)
    folds: int = 5
    split: int = 1
    seed: int = 0


@dataclass(frozen=True)
class VerifyPlan:
    """What is made of the front when all points are judged.

    Attributes:
        simulate: points of the front, at most, whose RTL is simulated.
        synthesize: of those, at most, how many go through yosys.
        frames: of each simulation.
    """

    simulate: int = 1000
    synthesize: int = 0
    frames: int = 20


@dataclass(frozen=True)
class Study:
    """What ``codesign sweep`` is asked for; ``codesign.sweep.read`` makes one from a YAML file.

    Attributes:
        name: of the study, unique in its storage.
        model: a preset's name, or a QONNX file (then there is nothing to train, and no accuracy).
        axes: what is varied, by the axes' names.
        fixed: axes that have one value throughout.
        objectives: names of figures.
        constraints: besides that a design fits its board.
        per: an axis whose values have a front each (such as ``board``); empty: one front.
        sampler: one of SAMPLERS.
        trials: points to judge; of a grid all where None.
        seed: of the sampler.
        data: folder of the data set; the model's own synthetic data where None.
    """

    name: str
    model: str
    axes: Mapping[str, Range]
    objectives: tuple[str, ...]
    fixed: Mapping[str, Value] = field(default_factory=dict)
    constraints: tuple[Constraint, ...] = ()
    per: str = ""
    sampler: str = "tpe"
    trials: int | None = None
    seed: int = 0
    data: Path | None = None
    training: TrainingPlan = TrainingPlan()
    verify: VerifyPlan = VerifyPlan()

    @property
    def size(self) -> float:
        """How many different points there are."""
        return prod(axis.size for axis in self.axes.values())

    def violations(self, figures: Mapping[str, float]) -> dict[str, float]:
        """Return the constraints that ``figures`` miss, as far as those are known, and by how much."""
        missed = {str(c): c.violation(figures[c.figure]) for c in self.constraints if c.figure in figures}
        if figures.get("share", 0) > 1:
            missed["fits the board"] = figures["share"] - 1
        return {name: value for name, value in missed.items() if value > 0}

    def feasible(self, row: Row) -> bool:
        """Whether ``row`` went all the way and misses nothing."""
        return row.feasible and not self.violations(row.figures)

    def front(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows that no other dominates, of each value of ``per`` where there is one."""
        return front(rows, self.objectives, self.per)
