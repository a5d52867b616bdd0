"""`train_splits`: train on some or all splits, with progress shown, and keep what a report needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from quant.training.splits import SplitResult, summary, train_split

if TYPE_CHECKING:
    from torch import nn

    from quant.training.fit import Augment, Recipe
    from quant.training.splits import Build, Labelled


@dataclass(frozen=True)
class Trained:
    """What a training gave: the quantized nets and their results, in the order of the splits trained."""

    nets: list[nn.Module]
    results: list[SplitResult]
    source: str
    seed: int
    recipe: Recipe

    def summary(self) -> dict[str, Any]:
        """Means, rows and settings, ready for JSON."""
        from dataclasses import asdict

        return {"data": self.source, "seed": self.seed, **summary(self.results), "recipe": asdict(self.recipe)}


def train_splits(
    build: Build, data: Labelled, splits: Sequence[int] | None, recipe: Recipe, augment: Augment, seed: int
) -> Trained:
    """One pair of nets a split of `splits` (1-based; None: all), each from `seed`."""
    numbers = list(splits) if splits is not None else list(range(1, len(data.splits) + 1))
    nets: list[nn.Module] = []
    results: list[SplitResult] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("", total=len(numbers) * (recipe.float_epochs + recipe.quant_epochs))
        for number in numbers:
            progress.update(task, description=f"split {number}")
            net, result = train_split(build, data, number - 1, recipe, augment, seed, lambda: progress.advance(task))
            nets.append(net)
            results.append(result)
            progress.console.print(
                f"split {number}: {result.quantized_accuracy:.2%} quantized, {result.float_accuracy:.2%} in float "
                f"({result.test} test sequences)"
            )
    return Trained(nets, results, data.source, seed, recipe)
