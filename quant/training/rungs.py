"""Training by rungs: a net is looked at after a few epochs, and only a good one goes on (successive halving).

Source of the idea: Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization"
(arXiv 1502.07943). Every rung goes on from the net of the one before, so that looking costs nothing; a float net is
trained once for a shape and shared by all number formats. All nets are kept (quant/training/kept.py).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

from codesign.errors import UserError
from quant.requirements import require_torch

if TYPE_CHECKING:
    from quant.model import Model
    from quant.training.fit import Tick


class Plan(Protocol):
    """How long nets are trained, and on what.

    Attributes:
        float_epochs: of the float net.
        rungs: epochs of the quantized phase, from its start, after which a net is looked at.
        folds: parts of the training half, whole subjects each, that take turns to validate; for data without a
            validation part of its own.
        split: of the data set, from 1.
        seed: of everything random.
    """

    @property
    def float_epochs(self) -> int: ...
    @property
    def rungs(self) -> tuple[int, ...]: ...
    @property
    def folds(self) -> int: ...
    @property
    def split(self) -> int: ...
    @property
    def seed(self) -> int: ...


@dataclass(frozen=True)
class Final:
    """The net that is built: trained on the whole training part through all rungs.

    Attributes:
        weights: its file (.npz, with what it is in the .json beside), for `Model.load_weights`.
        test: its score on the test part, which nothing is chosen by.
    """

    weights: Path
    test: float


class Learner(ABC):
    """A model that is trained by rungs; what is asked for twice is trained once.

    Attributes:
        score: "accuracy" (more is better) or "error" (less is better).
        model: the model with as many inputs and classes as the data has: the one that loads the final weights.
    """

    score: ClassVar[str]

    @property
    @abstractmethod
    def model(self) -> Model: ...

    @abstractmethod
    def floating(self) -> float:
        """The validation score of the float net: what the quantized ones start from."""

    @abstractmethod
    def at(self, rung: int) -> float:
        """The validation score after rung `rung`, from 0."""

    @abstractmethod
    def final(self) -> Final:
        """The net that is built, and its test score."""


def learner(model: Model, data_dir: Path | None, plan: Plan, tick: Tick | None = None) -> Learner:
    """`model`, to be trained on the data set in `data_dir` (None: the model's own) as `plan` says.

    Args:
        model: or a variant (`Model.vary`).
        data_dir: folder of the data set.
        plan: how long, and on what.
        tick: called after every epoch.

    Raises:
        UserError: the plan, or what the model cannot take of the data set; nothing is trained then.
    """
    require_torch()
    from quant.training.kept import nothing

    check(plan)
    return model.learner(data_dir, plan, tick or nothing)


def check(plan: Plan) -> None:
    """Refuse epochs that no net is trained for."""
    if plan.float_epochs < 1:
        raise UserError(f"The float net must be trained for 1 epoch at least, not {plan.float_epochs}.")
    if not plan.rungs or plan.rungs[0] < 1 or any(a >= b for a, b in pairwise(plan.rungs)):
        raise UserError(
            f"The rungs must be growing numbers of epochs, 1 at least, such as 4, 12, 24; not {plan.rungs}."
        )


def added(plan: Plan) -> tuple[int, ...]:
    """The epochs that each rung adds to the one before."""
    return tuple(b - a for a, b in pairwise((0, *plan.rungs)))


def check_rung(plan: Plan, rung: int) -> None:
    """Refuse a rung that the plan does not have."""
    if not 0 <= rung < len(plan.rungs):
        raise UserError(f"There is no rung {rung}: the plan has rungs 0 to {len(plan.rungs) - 1}.")
