"""For tests: a preset that is quickly exported, and a learner whose scores are given."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from codesign.sweep.context import Context, Trainee
from codesign.sweep.designs import Designs
from codesign.sweep.point import Row
from codesign.sweep.study import Study
from quant.training.rungs import Final, Learner


@dataclass(frozen=True)
class Preset:
    """A QONNX file that passes for a model of skeletons; trained, it is another file.

    Attributes:
        file: of the untrained net.
    """

    file: Path
    name: str = "preset"
    choices: tuple[tuple[str, Any], ...] = ()
    joints: int = 20
    input_shape: ClassVar[tuple[int, ...]] = (6, 16)
    weight_file: ClassVar[Path] = Path("absent.npz")

    def vary(self, **choices: Any) -> Preset:
        """The same, told apart by its choices."""
        return Preset(self.file, self.name, tuple(sorted(choices.items())), self.joints)

    def export(self, path: Path, weights: Path | None = None) -> None:
        """Copy the file, or what passes for the trained weights."""
        shutil.copy(weights or self.file, path)

    def sample_inputs(self, n: int, data_dir: Path | None = None, seed: int = 0) -> np.ndarray:
        """Noise."""
        return np.random.default_rng(seed).normal(0, 1, (n, *self.input_shape)).astype(np.float32)


@dataclass
class Scores(Learner):
    """Gives the scores in turn, and says which rungs were trained."""

    scores: Sequence[float]
    weights: Path = Path("absent.npz")
    trained: list[str] = field(default_factory=list)
    score: ClassVar[str] = "accuracy"

    @property
    def model(self) -> Any:
        raise AssertionError("there is no model")

    def floating(self) -> float:
        return 1.0

    def at(self, rung: int) -> float:
        self.trained.append(f"rung {rung}")
        return self.scores[rung]

    def final(self) -> Final:
        self.trained.append("final")
        return Final(self.weights, 0.75)


class Untrainable(Scores):
    """Nothing may be trained."""

    def __init__(self) -> None:
        super().__init__([])

    def at(self, rung: int) -> float:
        raise AssertionError(f"rung {rung} is trained")

    def final(self) -> Final:
        raise AssertionError("the final net is trained")


def context(study: Study, designs: Designs, learner: Trainee, figures: Mapping[str, float], *rows: Row) -> Context:
    """Return a point that was estimated, and the rows known by then."""
    return Context(study, designs, lambda: learner, designs.complete({}), lambda: list(rows), dict(figures))
