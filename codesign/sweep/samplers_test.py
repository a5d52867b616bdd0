"""Samplers: they repeat, do not repeat points, and learn."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from codesign.errors import UserError
from codesign.sweep import samplers
from codesign.sweep.point import Row, Value
from codesign.sweep.store import Store, open_store
from codesign.sweep.study import Range, Study
from tests.sweep_workers import AXES, small_study


def _points(study: Study, workers: int = 1, turns: int = 1) -> list[Mapping[str, Value]]:
    """Points that workers of a fresh store get, each judged as it comes; they open the store anew every turn."""
    with tempfile.TemporaryDirectory() as folder:
        stores: list[Store] = []
        for _ in range(turns):
            stores = [open_store(Path(folder) / "study.db", study) for _ in range(workers)]
            for _ in range(samplers.slots(study) // (workers * turns)):
                claims = [store.claim() for store in stores]
                for claim in claims:
                    assert claim is not None
                    claim.complete(Row(claim.point, _figures(claim.point), {}, "model"))
        return [row.point for row in stores[0].rows()]


def _figures(point: Mapping[str, Value]) -> dict[str, float]:
    return {"accuracy": -abs(float(point["width"]) - 32), "lut": abs(float(point["bits"]) - 4)}


@pytest.mark.parametrize("sampler", ["random", "nsga2", "tpe"])
def test_a_lone_worker_repeats_also_when_it_is_started_again(sampler: str) -> None:
    study = small_study(14, sampler=sampler)
    once = _points(study)
    assert _points(study, turns=2) == once
    assert _points(small_study(2, sampler=sampler, seed=1)) != once[:2]


@pytest.mark.parametrize(("sampler", "trials"), [("random", 14), ("nsga2", 14), ("tpe", 14), ("gp", 12)])
def test_no_point_comes_twice_until_all_have_come(sampler: str, trials: int) -> None:
    axes = {"bits": Range(choices=(2, 4, 8)), "width": Range(low=8, high=32, step=8)}
    points = _points(small_study(trials, sampler=sampler, axes=axes), workers=2)
    assert len({tuple(point.items()) for point in points}) == 12


@pytest.mark.parametrize(("sampler", "trials"), [("nsga2", 50), ("tpe", 30)])
def test_what_the_sampler_learns_shows(sampler: str, trials: int) -> None:
    axes = {**AXES, "width": Range(low=1, high=400, step=1)}
    points = _points(small_study(trials, sampler=sampler, axes=axes))
    last = [abs(float(point["width"]) - 32) for point in points[-15:]]
    by_chance = sum(abs(width - 32) for width in range(1, 401)) / 400
    assert sum(last) / 15 < 0.6 * by_chance


def test_ranges_become_what_optuna_knows() -> None:
    axes = {
        "choice": Range(choices=("a", 2, 0.5)),
        "whole": Range(low=2, high=9, step=2),
        "near": Range(low=1, high=1024, step=1, log=True),
        "steps": Range(low=0, high=1, step=0.25),
        "real": Range(low=0.5, high=8, log=True),
    }
    assert [str(value) for value in samplers.distributions(small_study(axes=axes)).values()] == [
        "CategoricalDistribution(choices=('a', 2, 0.5))",
        "IntDistribution(high=8, log=False, low=2, step=2)",
        "IntDistribution(high=1024, log=True, low=1, step=1)",
        "FloatDistribution(high=1.0, log=False, low=0.0, step=0.25)",
        "FloatDistribution(high=8.0, log=True, low=0.5, step=None)",
    ]


def test_a_study_without_an_end_is_refused() -> None:
    with pytest.raises(UserError, match="give trials"):
        samplers.slots(small_study(None))
    with pytest.raises(UserError, match="no grid"):
        samplers.slots(small_study(None, sampler="grid"))
    assert samplers.slots(small_study(4, sampler="grid", axes={"bits": Range(choices=(2, 3))})) == 2
