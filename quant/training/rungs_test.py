"""Training by rungs: nothing that validates or tests is seen, order does not matter, one of many processes trains."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np
import pytest
import torch

from codesign.errors import UserError
from quant import models
from quant.data.splits import Split
from quant.training import kept, rungs
from quant.training.fit import Recipe, accuracy
from quant.training.rungs_sequences import SequenceLearner
from quant.training.splits import Labelled
from quant.training.toy import Toy, rising_or_falling, unchanged

RECIPE = Recipe(batch=16, dropout=0.0)
PEOPLE = np.arange(64) // 2 % 8
"""Subjects of the toy's ramps: eight, each shows both classes."""


@dataclass(frozen=True)
class Plan:
    float_epochs: int = 2
    rungs: tuple[int, ...] = (1, 2)
    folds: int = 2
    split: int = 1
    seed: int = 0


TOY, PLAN = Toy(), Plan()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CODESIGN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "train"


def ramps() -> Labelled:
    """Subjects 0 to 3 train, 4 to 7 test."""
    data = rising_or_falling()
    return replace(data, splits=[Split(np.flatnonzero(PEOPLE < 4), np.flatnonzero(PEOPLE >= 4), "subject")])


def made(
    model: Toy = TOY, data: Labelled | None = None, plan: Plan = PLAN, tick: Callable[[], None] = kept.nothing
) -> SequenceLearner:
    recipe = replace(RECIPE, float_epochs=plan.float_epochs)
    net: Any = model  # as much of a model as a learner asks for
    return SequenceLearner(net, data or ramps(), PEOPLE, recipe, unchanged, plan, tick)


def files(cache: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in cache.iterdir()}


def test_nets_see_neither_the_test_half_nor_the_subjects_that_judge_them(cache: Path) -> None:
    """Spoilt data of those whom a net must not see gives the same net; of those whom it learns from, another."""
    whole = ramps()
    spoilt = replace(whole, x=whole.x.clone(), y=whole.y.clone())
    hidden = torch.from_numpy(np.isin(PEOPLE, [0, 2, 4, 5, 6, 7]))  # fold 0 leaves subjects 0 and 2 out
    spoilt.x[hidden], spoilt.y[hidden] = 50.0, 0
    paths = [[fold.job.paths for fold in made(data=data).folds] for data in (whole, spoilt)]
    assert paths[0][0] == paths[1][0]
    assert not set(paths[0][1]) & set(paths[1][1])
    for data in (whole, spoilt):
        folds = made(data=data).folds
        assert torch.equal(folds[0].job.x, whole.x[torch.from_numpy(np.isin(PEOPLE, [1, 3]))])
        assert torch.equal(folds[1].x, whole.x[torch.from_numpy(np.isin(PEOPLE, [1, 3]))])
    assert sum(len(fold.y) for fold in made().folds) == 32


def test_the_score_is_pooled_over_the_folds() -> None:
    learner = made()
    right = sum(accuracy(fold.job.net(2), fold.x, fold.y) * len(fold.y) for fold in learner.folds)
    assert learner.at(1) == pytest.approx(right / 32)
    floating = sum(accuracy(fold.job.net(0), fold.x, fold.y) * len(fold.y) for fold in learner.folds)
    assert learner.floating() == pytest.approx(floating / 32)


def test_rung_1_after_rung_0_is_rung_1_asked_at_once(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = made()
    learner.at(0)
    learner.at(1)
    learner.final()
    one = files(cache)
    monkeypatch.setenv("CODESIGN_CACHE", str(tmp_path / "other"))
    torch.manual_seed(5)
    again = made()
    again.final()
    again.at(1)
    again.at(0)
    assert files(tmp_path / "other" / "train") == one


def test_each_rung_goes_on_from_the_one_before() -> None:
    """With further steps that change nothing, the net of rung 1 is that of rung 0."""
    job = made().folds[0].job
    before, after = (job.state(step) for step in (1, 2))
    assert before.keys() <= after.keys() | before.keys()
    near = max(float(np.abs(after[name] - before[name]).max()) for name in before if name.endswith("conv.weight"))
    fresh = max(float(np.abs(after[name]).max()) for name in before if name.endswith("conv.weight"))
    assert 0 < near < 0.2 * fresh


def test_number_formats_share_the_float_nets(cache: Path) -> None:
    made().at(0)
    floats = {path.name for path in cache.glob("float-*")}
    ticks: list[int] = []
    made(Toy(bits=3), tick=lambda: ticks.append(1)).at(0)
    assert {path.name for path in cache.glob("float-*")} == floats
    assert len(list(cache.glob("quantized-*"))) == 4
    made(Toy(width=4)).at(0)
    assert len(list(cache.glob("float-*"))) == 4


def test_a_killed_training_goes_on_and_ends_in_the_same_bytes(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made().at(1)
    expected = files(cache)
    monkeypatch.setenv("CODESIGN_CACHE", str(tmp_path / "other"))
    left = iter(range(5))

    def tick() -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made(tick=tick).at(1)
    kept_now = files(tmp_path / "other" / "train")
    assert 0 < len(kept_now) < len(expected)
    made().at(1)
    assert files(tmp_path / "other" / "train") == expected


def test_what_is_damaged_is_made_anew(cache: Path) -> None:
    learner = made()
    expected = learner.at(0), learner.at(1), learner.final()
    whole = files(cache)
    damaged = [next(cache.glob(f"{kind}-*.npz")) for kind in ("score", "final")] + [learner.folds[0].job.paths[1]]
    for path in damaged:
        path.write_bytes(path.read_bytes()[:-60])
    again = made()
    assert (again.at(0), again.at(1), again.final()) == expected
    again.folds[0].job.train(kept.nothing)
    assert files(cache) == whole


def _slow(path: Path, mark: Path, order: str) -> None:
    def make() -> kept.State:
        (mark / f"{order}-{os.getpid()}").touch()
        sleep(0.5)
        return {"value": np.arange(3)}

    assert kept.once(path, make)["value"].tolist() == [0, 1, 2]


def test_of_two_processes_one_makes_a_net_and_the_other_waits(cache: Path, tmp_path: Path) -> None:
    context = get_context("fork")
    path, mark = kept.place("test", 1), tmp_path / "marks"
    mark.mkdir()
    both = [context.Process(target=_slow, args=(path, mark, str(n))) for n in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert len(list(mark.iterdir())) == 1


def test_other_code_names_other_nets(tmp_path: Path) -> None:
    (tmp_path / "fit.py").write_text("EPOCHS = 1")
    (tmp_path / "fit_test.py").write_text("")
    before = kept.code.__wrapped__(tmp_path)
    (tmp_path / "fit_test.py").write_text("assert True")
    assert kept.code.__wrapped__(tmp_path) == before
    (tmp_path / "fit.py").write_text("EPOCHS = 2")
    assert kept.code.__wrapped__(tmp_path) != before
    assert kept.code() != before


def _forever(path: Path, mark: Path) -> None:
    def make() -> kept.State:
        mark.touch()
        sleep(60)
        return {}

    kept.once(path, make)


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    path, mark = kept.place("test", 2), tmp_path / "mark"
    holder = get_context("fork").Process(target=_forever, args=(path, mark))
    holder.start()
    until = monotonic() + 20
    while not mark.exists() and monotonic() < until:
        sleep(0.01)
    assert mark.exists()
    holder.kill()
    holder.join()
    assert kept.once(path, lambda: {"value": np.ones(1)})["value"].tolist() == [1]


def test_the_final_net_is_trained_on_the_whole_half_and_loads() -> None:
    learner = made()
    final = learner.final()
    net, data = learner.model.load_weights(final.weights), ramps()
    test = torch.from_numpy(PEOPLE >= 4)
    assert final.test == accuracy(net, data.x[test], data.y[test])
    spoilt = replace(data, y=torch.where(test, 1 - data.y, data.y))
    other = made(data=spoilt).final()
    assert other.test == pytest.approx(1 - final.test)
    assert other.weights.read_bytes() == final.weights.read_bytes()


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (Plan(folds=5), r"has 4 subjects: folds must be from 2 to 4, not 5\."),
        (Plan(folds=1), r"folds must be from 2 to 4, not 1\."),
        (Plan(split=2), r"There is no split 2: ramps has splits 1 to 1\."),
    ],
)
def test_folds_that_there_are_not(plan: Plan, message: str, cache: Path) -> None:
    with pytest.raises(UserError, match=message):
        made(plan=plan)
    assert not cache.exists()


@pytest.mark.parametrize(
    ("name", "plan", "message"),
    [
        ("skeleton-tiny", Plan(rungs=()), r"The rungs must be growing numbers of epochs"),
        ("skeleton-tiny", Plan(rungs=(4, 4)), r"such as 4, 12, 24; not \(4, 4\)"),
        ("skeleton-tiny", Plan(float_epochs=0), r"The float net must be trained for 1 epoch at least, not 0\."),
        ("skeleton-ensemble-tiny", Plan(), r"skeleton-ensemble-tiny is not trained by rungs"),
        ("skeleton-paper", Plan(), r"takes 2 bodies x 25 joints \(kinect2\), but the synthetic data set has kinect1"),
        ("wave-compressed", Plan(split=2), r"The wave data set has one split, 1"),
    ],
)
def test_what_cannot_be_trained_is_refused_first(name: str, plan: Plan, message: str, cache: Path) -> None:
    with pytest.raises(UserError, match=message):
        rungs.learner(models.get(name), None, plan)
    assert not cache.exists()


def test_a_rung_that_there_is_not() -> None:
    with pytest.raises(UserError, match=r"no rung 2: the plan has rungs 0 to 1"):
        made().at(2)


def test_a_skeleton_variant_on_synthetic_data() -> None:
    model = models.get("skeleton-tiny").vary(width=2, depth=1, bits=3)
    learner = rungs.learner(model, None, Plan(float_epochs=1, rungs=(1,)))
    assert learner.score == "accuracy"
    assert 0 <= learner.at(0) <= 1
    final = learner.final()
    learner.model.load_weights(final.weights)
    model.load_weights(final.weights)
