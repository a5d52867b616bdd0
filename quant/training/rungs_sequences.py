"""Classifiers of sequences by rungs, judged by cross-validation over whole subjects of the training half."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from torch import Tensor

from codesign.errors import UserError
from quant.training import kept
from quant.training.fit import Augment, Recipe, Tick, accuracy, deterministic
from quant.training.pairs import Job
from quant.training.rungs import Final, Learner, Plan, added, check_rung
from quant.training.splits import Labelled

if TYPE_CHECKING:
    from quant.models.skeleton import SkeletonModel


@dataclass(frozen=True)
class Fold:
    """A part of the training half that validates, and the nets that have not seen it."""

    job: Job
    x: Tensor
    y: Tensor

    def right(self, last: int, tick: Tick) -> int:
        """How many of its samples the net after step `last` recognises."""
        path = kept.place("score", self.job.paths[last].stem, self.x, self.y)
        return int(kept.once(path, lambda: {"right": np.array(self._right(last, tick))})["right"])

    def _right(self, last: int, tick: Tick) -> int:
        for step in range(last + 1):
            self.job.state(step, tick)
        net = self.job.net(last)
        with deterministic(0):
            return round(accuracy(net, self.x, self.y) * len(self.y))


@dataclass(frozen=True)
class SequenceLearner(Learner):
    """Trains `model` on `data`, whose samples are of `subjects` [n].

    Raises:
        UserError: the data is not to be trained on, or its training half has too few subjects for the folds.
    """

    net: SkeletonModel
    data: Labelled
    subjects: np.ndarray
    recipe: Recipe
    augment: Augment
    plan: Plan
    tick: Tick = kept.nothing
    score: ClassVar[str] = "accuracy"

    @property
    def model(self) -> SkeletonModel:
        return self.net

    def __post_init__(self) -> None:
        self.data.check([self.plan.split], self.model.outputs)
        if not 2 <= self.plan.folds <= len(self._people):
            raise UserError(
                f"The training half of split {self.plan.split} of {self.data.source} has {len(self._people)} subjects: "
                f"folds must be from 2 to {len(self._people)}, not {self.plan.folds}."
            )

    @property
    def _half(self) -> np.ndarray:
        return self.data.splits[self.plan.split - 1].train

    @property
    def _people(self) -> np.ndarray:
        return np.unique(self.subjects[self._half])

    @cached_property
    def folds(self) -> list[Fold]:
        """Every fold-th subject of the training half validates in one fold, the others train."""
        made = []
        for first in range(self.plan.folds):
            out = np.isin(self.subjects[self._half], self._people[first :: self.plan.folds])
            seen, unseen = self._half[~out], self._half[out]
            made.append(Fold(self._job(seen), self.data.x[unseen], self.data.y[unseen]))
        return made

    def _job(self, samples: np.ndarray) -> Job:
        first, *more = added(self.plan)
        recipe = replace(self.recipe, quant_epochs=first)
        x, y = self.data.x[samples], self.data.y[samples]
        return Job(self.model, self.plan.split, x, y, recipe, self.augment, self.plan.seed, tuple(more))

    def floating(self) -> float:
        return self._validated(0)

    def at(self, rung: int) -> float:
        check_rung(self.plan, rung)
        return self._validated(rung + 1)

    def _validated(self, last: int) -> float:
        return sum(fold.right(last, self.tick) for fold in self.folds) / len(self._half)

    def final(self) -> Final:
        job, test = self._job(self._half), self.data.splits[self.plan.split - 1].test
        x, y = self.data.x[test], self.data.y[test]
        path = kept.place("final", job.paths[-1].stem, x, y)
        with kept.alone(path):
            found = self._read(path)
            if found is None:
                job.train(self.tick)
                net = job.net(len(job.paths) - 1)
                with deterministic(0):
                    found = accuracy(net, x, y)
                self.model.save_weights(net, path, self._about(found))
        return Final(path, found)

    def _read(self, path: Path) -> float | None:
        """The test score of the net in `path`; None where that is missing or damaged."""
        try:
            with deterministic(0):
                self.model.load_weights(path)
            return float(json.loads(path.with_suffix(".json").read_text())["quantized_accuracy"])
        except (UserError, OSError, ValueError, KeyError, TypeError):
            return None

    def _about(self, test: float) -> dict[str, Any]:
        split = self.data.splits[self.plan.split - 1]
        return {
            "model": self.model.name,
            "data": self.data.source,
            "seed": self.plan.seed,
            "split": self.plan.split,
            "train": len(split.train),
            "test": len(split.test),
            "quantized_accuracy": test,
            "float_epochs": self.plan.float_epochs,
            "rungs": list(self.plan.rungs),
        }
