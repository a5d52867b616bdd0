"""Nets that predict fields, float and quantized, kept: a killed training resumes, and rungs go on from one another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import nn

from quant.training import kept
from quant.training.fit import Tick, deterministic
from quant.training.regress import PARTS, Pairs, Recipe, errors, further, pretrain, quantize, settle


@dataclass(frozen=True)
class FieldSteps(kept.Steps):
    """One model on the training part of `pairs`; the same arguments give the same bytes.

    Attributes:
        build: (quantized) -> a fresh net.
        pairs: of fields.
        recipe: with the epochs of the first two steps.
        seed: of weights and of the order of samples.
        more: epochs of the further steps.
        start: the float net to start from; random weights where None.
    """

    build: Callable[[bool], nn.Module]
    pairs: Pairs
    recipe: Recipe
    seed: int
    more: tuple[int, ...] = ()
    start: nn.Module | None = None

    @cached_property
    def paths(self) -> tuple[Path, ...]:  # type: ignore[override]
        train, first = self.pairs.train, replace(self.recipe, quant_epochs=0, quant_rate=0, distill=0)
        shape = tuple(self.pairs.x.shape[1:])
        begun = kept.state_of(self.start) if self.start is not None else {}
        data = self.pairs.x[train], self.pairs.y[train], self.pairs.counted, self.pairs.odd
        float_print, print_ = (kept.fingerprint(self.build, quantized, shape) for quantized in (False, True))
        weights = [part for name, value in begun.items() for part in (name, value)]
        paths = [kept.place("float", self.seed, *data, first, float_print, *weights)]
        paths.append(kept.place("quantized", paths[0].stem, self.recipe, print_))
        for epochs in self.more:
            paths.append(kept.place("quantized", paths[-1].stem, epochs))
        return tuple(paths)

    @property
    def epochs(self) -> tuple[int, ...]:
        return (self.recipe.float_epochs, self.recipe.quant_epochs, *self.more)

    def net(self, step: int) -> nn.Module:
        state = self.state(step)
        with deterministic(0):
            net = self.build(step > 0)
        net.load_state_dict({name: torch.from_numpy(value) for name, value in state.items()})
        return net.to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload,no-any-return]

    def _made(self, step: int, tick: Tick) -> kept.State:
        given = self.pairs, self.recipe, self.seed
        with deterministic(self.seed):
            net = self.build(step > 0)
        if step == 0:
            if self.start is not None:
                net.load_state_dict(self.start.state_dict())
            return kept.state_of(pretrain(net, *given, tick))
        if step == 1:
            return kept.state_of(quantize(net, self.net(0), *given, tick))
        return kept.state_of(
            further(
                self.net(step - 1), self.net(0), self.pairs, self.recipe, self.seed + step, self.more[step - 2], tick
            )
        )


@dataclass(frozen=True)
class Regressed:
    """What a training gave: the quantized net, its float twin, their errors and settings."""

    nets: list[nn.Module]
    teacher: nn.Module
    row: dict[str, Any]
    source: str
    seed: int
    recipe: Recipe

    def summary(self) -> dict[str, Any]:
        """Errors and settings, ready for JSON."""
        return {"data": self.source, "seed": self.seed, "splits": [self.row], "recipe": asdict(self.recipe)}


def train_pair(
    build: Callable[[bool], nn.Module],
    pairs: Pairs,
    recipe: Recipe,
    seed: int,
    about: dict[str, Any],
    start: nn.Module | None = None,
) -> Regressed:
    """A float net (from `start`, or from random weights) and its quantized twin; `about` goes into the row as it is.

    Nets that were trained before, with the same settings and data, are taken from the cache.
    """
    steps = FieldSteps(build, pairs, recipe, seed, start=start)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    before = {} if start is None else {"untrained": errors(start, pairs)}
    with Progress(*columns) as progress:
        task = progress.add_task("epochs", total=sum(steps.epochs))
        steps.train(lambda: progress.advance(task))
    teacher, net = steps.net(0), settle(steps.net(1))
    counts = {name: len(getattr(pairs, name)) for name in PARTS}
    row = {**counts, **before, "float": errors(teacher, pairs), "quantized": errors(net, pairs), **about}
    return Regressed([net], teacher, row, pairs.source, seed, recipe)
