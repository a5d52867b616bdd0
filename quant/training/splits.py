"""Labelled data with its splits, the two phases of training on one half, and what a split came to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from codesign.errors import UserError
from quant.data.splits import Split
from quant.training.fit import Augment, Recipe, Tick, deterministic, fit, observe

Build = Callable[[bool], nn.Module]


@dataclass(frozen=True)
class Labelled:
    """A data set ready for training: `x` float32 [n, ...], `y` int64 [n], its splits and where it came from."""

    x: Tensor
    y: Tensor
    splits: list[Split]
    source: str
    protocol: str = ""

    def check(self, numbers: list[int], classes: int) -> None:
        """Refuse what must not be trained on, before anything is: splits `numbers` (from 1) and a net of `classes`."""
        finite = torch.isfinite(self.x).flatten(1).all(1)
        if not finite.all():
            raise UserError(f"Sequence {int(finite.int().argmin())} of {self.source} is not finite: repair or drop it.")
        if len(self.x) != len(self.y):
            raise UserError(f"{self.source} has {len(self.x)} sequences but {len(self.y)} labels: give one a sequence.")
        low, high = int(self.y.min()), int(self.y.max())
        if low < 0 or high >= classes:
            raise UserError(
                f"{self.source} has labels from {low} to {high}; this model tells 0 to {classes - 1} apart."
            )
        for number in numbers:
            if not 1 <= number <= len(self.splits):
                raise UserError(f"There is no split {number}: {self.source} has splits 1 to {len(self.splits)}.")
            self._check_split(number)

    def _check_split(self, number: int) -> None:
        split = self.splits[number - 1]
        if both := set(split.train.tolist()) & set(split.test.tolist()):
            raise UserError(
                f"Sequence {min(both)} of {self.source} is in both halves of split {number}: leave it in one."
            )
        if unseen := set(self.y[split.test].tolist()) - set(self.y[split.train].tolist()):
            raise UserError(
                f"No training sequence of split {number} of {self.source} shows class {min(unseen)}, which is tested: "
                f"move one there, or leave the class out."
            )


@dataclass(frozen=True)
class Accuracies:
    """Shares of a test half that are recognised."""

    quantized_accuracy: float
    float_accuracy: float


@dataclass(frozen=True)
class SplitResult:
    """Accuracies on one split's test half; `split` counts from 1 as in the published tables.

    `members` are those of an ensemble's nets alone, by name.
    """

    split: int
    train: int
    test: int
    quantized_accuracy: float
    float_accuracy: float
    members: dict[str, Accuracies] = field(default_factory=dict)


# State of torch's random numbers and of those handed out by `deterministic`: the second phase goes on where the first
# ended, also when it is resumed.
RandomState = tuple[Tensor, Tensor]


def train_float(
    build: Build, x: Tensor, y: Tensor, recipe: Recipe, augment: Augment, seed: int, tick: Tick | None = None
) -> tuple[nn.Module, RandomState]:
    """The first phase: a float net trained on `x`, `y`; the same seed gives the same net."""
    with deterministic(seed) as random:
        net = fit(
            build(False), x, y, recipe, augment, random, epochs=recipe.float_epochs, rate=recipe.float_rate, tick=tick
        )
        return net, (torch.get_rng_state(), random.get_state())


def train_quantized(
    build: Build,
    teacher: nn.Module,
    state: RandomState,
    x: Tensor,
    y: Tensor,
    recipe: Recipe,
    augment: Augment,
    tick: Tick | None = None,
) -> nn.Module:
    """The second phase: a quantized net that starts from its float twin, which then teaches it."""
    with deterministic(0) as random:
        torch.set_rng_state(state[0])
        random.set_state(state[1])
        net = build(True)
        net.load_state_dict(teacher.state_dict(), strict=False)

        def batches() -> Iterator[Tensor]:
            for _ in range(48):
                yield augment(x[torch.randperm(len(x), generator=random)[: recipe.batch]], random)

        observe(net, batches())
        return fit(
            net, x, y, recipe, augment, random,
            epochs=recipe.quant_epochs, rate=recipe.quant_rate, teacher=teacher, tick=tick,
        )  # fmt: skip


def train_further(
    net: nn.Module,
    teacher: nn.Module,
    x: Tensor,
    y: Tensor,
    recipe: Recipe,
    augment: Augment,
    seed: int,
    epochs: int,
    tick: Tick | None = None,
) -> nn.Module:
    """More epochs of the second phase, a cycle of rates of their own."""
    with deterministic(seed) as random:
        return fit(
            net, x, y, recipe, augment, random, epochs=epochs, rate=recipe.quant_rate, teacher=teacher, tick=tick
        )


def summary(results: list[SplitResult]) -> dict[str, object]:
    """Means, standard deviations over splits (population) and the rows, ready for JSON; of members likewise."""
    about = _spread([Accuracies(r.quantized_accuracy, r.float_accuracy) for r in results])
    members = {name: _spread([r.members[name] for r in results]) for name in results[0].members}
    rows = [{k: v for k, v in asdict(r).items() if k != "members" or v} for r in results]
    return {**about, **({"members": members} if members else {}), "splits": rows}


def _spread(accuracies: list[Accuracies]) -> dict[str, object]:
    quantized = np.array([a.quantized_accuracy for a in accuracies])
    floating = np.array([a.float_accuracy for a in accuracies])
    return {
        "quantized_mean": float(quantized.mean()),
        "quantized_std": float(quantized.std()),
        "float_mean": float(floating.mean()),
        "float_std": float(floating.std()),
    }
