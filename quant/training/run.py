"""`train_splits`: a model, or an ensemble's members, on some or all splits, with progress shown; test halves are only
measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import nn

from quant.training.fit import Augment, Recipe, accuracy, deterministic
from quant.training.pairs import Job, Pair, Trainee, jobs_of, train_all
from quant.training.splits import Accuracies, Labelled, SplitResult, summary

# (nets, quantized) -> one net that adds their logits
Fuse = Callable[[Sequence[nn.Module], bool], nn.Module]


@dataclass(frozen=True)
class Trained:
    """What a training gave: the quantized nets and their results, in the order of the splits trained."""

    nets: list[nn.Module]
    results: list[SplitResult]
    source: str
    protocol: str
    split_by: str
    seed: int
    recipe: Recipe
    dropout: dict[str, float]

    def summary(self) -> dict[str, Any]:
        """Means, rows and settings, ready for JSON."""
        about = {"data": self.source, "protocol": self.protocol, "split_by": self.split_by, "seed": self.seed}
        recipe = {**asdict(self.recipe), "dropout": self.dropout}  # each model has its own
        return {**about, **summary(self.results), "recipe": recipe}


def train_splits(
    models: Sequence[Trainee],
    data: Labelled,
    splits: Sequence[int] | None,
    recipe: Recipe,
    augment: Augment,
    seed: int,
    *,
    fuse: Fuse | None = None,
    processes: int = 1,
) -> Trained:
    """A pair of nets of each model on each split of `splits` (1-based; None: all), each from `seed`.

    Without `fuse` there is one model; with it, the nets of a split are fused into one. Pairs that were trained before,
    with the same settings and data, are taken from the cache.

    Raises:
        UserError: the data has no such split, or holds what must not be trained on; nothing is trained then.
    """
    numbers = list(splits) if splits is not None else list(range(1, len(data.splits) + 1))
    data.check(numbers, models[0].outputs)
    jobs = [[jobs_of(model, data, number, recipe, augment, seed) for model in models] for number in numbers]
    epochs = recipe.float_epochs + recipe.quant_epochs
    found: dict[int, tuple[nn.Module, SplitResult]] = {}
    left = {number: len(models) for number in numbers}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("epochs", total=epochs * len(models) * len(numbers))

        def done(job: Job) -> None:
            left[job.split] -= 1
            if not left[job.split]:
                pairs = [j.nets() for j in jobs[numbers.index(job.split)]]
                net, result = measure(models, pairs, data, job.split, seed, fuse)
                found[job.split] = net, result
                progress.console.print(line(result))

        train_all([job for row in jobs for job in row], processes, lambda: progress.advance(task), done)
    nets, results = zip(*(found[number] for number in numbers), strict=True)
    dropout = {model.name: model.dropout for model in models}
    return Trained(list(nets), list(results), data.source, data.protocol, data.splits[0].by, seed, recipe, dropout)


def measure(
    models: Sequence[Trainee], pairs: Sequence[Pair], data: Labelled, number: int, seed: int, fuse: Fuse | None
) -> tuple[nn.Module, SplitResult]:
    """The quantized net of split `number` (from 1) and the accuracies on its test half."""
    split = data.splits[number - 1]
    x, y = data.x[split.test], data.y[split.test]
    with deterministic(seed):
        members = {
            model.name: Accuracies(accuracy(quantized, x, y), accuracy(floating, x, y))
            for model, (floating, quantized) in zip(models, pairs, strict=True)
        }
        if fuse is None:
            net, whole, members = pairs[0][1], members[models[0].name], {}
        else:
            net = fuse([quantized for _, quantized in pairs], True)
            whole = Accuracies(accuracy(net, x, y), accuracy(fuse([f for f, _ in pairs], False), x, y))
    counts = len(split.train), len(split.test)
    return net, SplitResult(number, *counts, whole.quantized_accuracy, whole.float_accuracy, members)


def line(result: SplitResult) -> str:
    """A split in a sentence."""
    members = ", ".join(f"{m.quantized_accuracy:.2%}" for m in result.members.values())
    return (
        f"split {result.split}: {result.quantized_accuracy:.2%} quantized{f' (alone {members})' if members else ''}, "
        f"{result.float_accuracy:.2%} in float ({result.test} test sequences)"
    )
