"""What a study tries next: the points of a grid in order, or what a sampler of Optuna's suggests."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Container, Mapping

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, GPSampler, NSGAIISampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial

from codesign.errors import UserError
from codesign.sweep.point import Value
from codesign.sweep.study import Range, Study

DRAWS = {"nsga2": 10, "random": 50}
"""How often a sampler is asked for a point that is new; those not named here learn nothing from being asked again."""


def values(axis: str, spread: Range) -> tuple[Value, ...]:
    """Return all values of an axis, in order.

    Raises:
        UserError: it is a range of real numbers.
    """
    if spread.choices:
        return spread.choices
    if not spread.step:
        raise UserError(f"The axis {axis} has a range without a step, which is no grid: give it a step or choices.")
    count = math.floor((spread.high - spread.low) / spread.step + 1e-9) + 1
    exact = [spread.low + index * spread.step for index in range(count)]
    return tuple(int(value) for value in exact) if _whole(spread) else tuple(exact)


def _whole(spread: Range) -> bool:
    return spread.step > 0 and all(float(value).is_integer() for value in (spread.low, spread.high, spread.step))


def grid(study: Study) -> list[dict[str, Value]]:
    """Return all points of the axes, the last axis fastest."""
    lists = [values(name, spread) for name, spread in study.axes.items()]
    return [dict(zip(study.axes, point, strict=True)) for point in itertools.product(*lists)]


def slots(study: Study) -> int:
    """Return how many points a study judges.

    Raises:
        UserError: its sampler knows no end, and it says none.
    """
    if study.sampler == "grid":
        size = math.prod(len(values(name, spread)) for name, spread in study.axes.items())
        return size if study.trials is None else min(size, study.trials)
    if study.trials is None:
        raise UserError(f"The study {study.name} says not how many points to try: give trials, such as trials: 200.")
    return study.trials


def distributions(study: Study) -> dict[str, BaseDistribution]:
    """Return the axes as Optuna's distributions, in order."""
    return {name: _distribution(name, spread) for name, spread in study.axes.items()}


def _distribution(axis: str, spread: Range) -> BaseDistribution:
    if spread.choices or (spread.log and spread.step not in (0, 1)):
        return CategoricalDistribution(values(axis, spread))
    if _whole(spread):
        last = values(axis, spread)[-1]
        return IntDistribution(int(spread.low), int(last), log=spread.log, step=int(spread.step))
    return FloatDistribution(spread.low, spread.high, log=spread.log, step=spread.step or None)


def make(study: Study, slot: int = 0) -> BaseSampler:
    """Return the sampler for one slot.

    Its seed is the study's and the slot's, so a study that is cut and goes on, or that many workers share, never draws
    a random number twice, and a lone worker repeats to the bit. What a sampler learns, it learns from the trials.
    """
    seed = _seed(study, slot, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        if study.sampler == "nsga2":
            return NSGAIISampler(population_size=max(10, min(50, slots(study) // 10)), seed=seed)
        if study.sampler == "tpe":
            return TPESampler(multivariate=True, constant_liar=True, seed=seed)
        if study.sampler == "gp":
            return GPSampler(seed=seed)
    return RandomSampler(seed=seed)


def draws_before(study: Study) -> bool:
    """Whether the sampler can draw for a trial that is not there yet; those that learn keep notes in the trial."""
    return study.sampler in ("grid", "random")


def suggest(
    study: Study, search: optuna.Study, trial: FrozenTrial, slot: int, seen: Container[tuple[Value, ...]]
) -> dict[str, Value]:
    """Return the axes' values for ``slot``: new where the sampler, or else chance, finds such.

    Args:
        study: what is asked for.
        search: its trials, with the sampler that ``make`` returns.
        trial: a running one of them, for this slot.
        slot: its number.
        seen: values of the other slots' points, in the axes' order.
    """
    if study.sampler == "grid":
        return grid(study)[slot]
    axes = distributions(study)
    chance = RandomSampler(seed=_seed(study, slot, 1))
    first: dict[str, Value] = {}
    for sampler in [search.sampler] * DRAWS.get(study.sampler, 1) + [chance] * DRAWS["random"]:
        point = _draw(sampler, search, trial, axes)
        if tuple(point.values()) not in seen:
            return point
        first = first or point
    return first


def _seed(study: Study, *which: int) -> int:
    return int(np.random.SeedSequence([study.seed, *which]).generate_state(1)[0])


def _draw(
    sampler: BaseSampler, search: optuna.Study, trial: FrozenTrial, axes: Mapping[str, BaseDistribution]
) -> dict[str, Value]:
    """Draw once; every trial of ours has all axes, so the space need not be inferred from the trials."""
    sampler.before_trial(search, trial)
    space = {name: spread for name, spread in axes.items() if not spread.single()}
    related = sampler.sample_relative(search, trial, space)
    return {
        name: related[name] if name in related else sampler.sample_independent(search, trial, name, spread)
        for name, spread in axes.items()
    }
