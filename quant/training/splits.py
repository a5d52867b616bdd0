"""Train one net pair (float, quantized) on each split and report the mean: test halves are only ever measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor, nn

from codesign.errors import UserError
from quant.data.splits import Split
from quant.training.fit import Augment, Recipe, Tick, accuracy, deterministic, fit, observe

Build = Callable[[bool], nn.Module]


@dataclass(frozen=True)
class Labelled:
    """A data set ready for training: `x` float32 [n, ...], `y` int64 [n], its splits and where it came from."""

    x: Tensor
    y: Tensor
    splits: list[Split]
    source: str


@dataclass(frozen=True)
class SplitResult:
    """Accuracies on one split's test half, as shares; `split` counts from 1 as in the published tables."""

    split: int
    train: int
    test: int
    quantized_accuracy: float
    float_accuracy: float


def train_pair(
    build: Build, x: Tensor, y: Tensor, recipe: Recipe, augment: Augment, seed: int, tick: Tick | None = None
) -> tuple[nn.Module, nn.Module]:
    """(float net, quantized net) trained on `x`, `y`; the same seed gives the same nets."""
    with deterministic(seed) as random:
        teacher = fit(
            build(False), x, y, recipe, augment, random, epochs=recipe.float_epochs, rate=recipe.float_rate, tick=tick
        )
        net = build(True)
        net.load_state_dict(teacher.state_dict(), strict=False)

        def batches() -> Iterator[Tensor]:
            for _ in range(48):
                yield augment(x[torch.randperm(len(x), generator=random)[: recipe.batch]], random)

        observe(net, batches())
        fit(
            net, x, y, recipe, augment, random,
            epochs=recipe.quant_epochs, rate=recipe.quant_rate, teacher=teacher, tick=tick,
        )  # fmt: skip
    return teacher, net


def train_split(
    build: Build, data: Labelled, index: int, recipe: Recipe, augment: Augment, seed: int, tick: Tick | None = None
) -> tuple[nn.Module, SplitResult]:
    """The quantized net of split `index` (0-based) and its accuracies."""
    if not 0 <= index < len(data.splits):
        raise UserError(f"There is no split {index + 1}: {data.source} has splits 1 to {len(data.splits)}.")
    split = data.splits[index]
    teacher, net = train_pair(build, data.x[split.train], data.y[split.train], recipe, augment, seed, tick)
    x, y = data.x[split.test], data.y[split.test]
    with deterministic(seed):
        result = SplitResult(index + 1, len(split.train), len(split.test), accuracy(net, x, y), accuracy(teacher, x, y))
    return net, result


def summary(results: list[SplitResult]) -> dict[str, object]:
    """Means, the standard deviation over splits (population) and the rows, ready for JSON."""
    quantized = np.array([r.quantized_accuracy for r in results])
    floating = np.array([r.float_accuracy for r in results])
    return {
        "quantized_mean": float(quantized.mean()),
        "quantized_std": float(quantized.std()),
        "float_mean": float(floating.mean()),
        "float_std": float(floating.std()),
        "splits": [asdict(r) for r in results],
    }
