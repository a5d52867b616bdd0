"""The samples that nets learn from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.errors import UserError
from quant.data.wave import sizes, storage, tasks
from quant.data.wave.problems import random_problem
from quant.data.wave.tasks import PAST, WaveTask, relative_error


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("wave")


@pytest.fixture(scope="module", params=["boundary", "rollout"])
def task(request: pytest.FixtureRequest, cache: Path) -> WaveTask:
    return tasks.load(request.param, "tiny", cache)


def raw(task: WaveTask) -> np.ndarray:
    return task.x * task.x_scale[:, None, None] + task.x_offset[:, None, None]


def test_no_simulation_is_in_two_parts(task: WaveTask) -> None:
    parts = [set(task.simulation[part].tolist()) for part in (task.train, task.validation, task.test)]
    assert [len(part) for part in parts] == [6, 1, 1]
    assert len(set.union(*parts)) == task.size.simulations
    assert sorted(np.concatenate([task.train, task.validation, task.test]).tolist()) == list(range(len(task.x)))


def test_samples_are_the_stored_fields(task: WaveTask, cache: Path) -> None:
    """Past, present and what comes next, undone of the normalisation."""
    fields = storage.fields(task.size, cache)
    assert len(task.x) == task.size.simulations * task.size.samples
    rows, columns = task.ring.T
    for sample in (0, 17, len(task.x) - 1):
        field, now = fields[task.simulation[sample]], task.frame[sample]
        np.testing.assert_allclose(raw(task)[sample, :PAST], field[now - 2 : now + 1], atol=1e-6)
        following = field[now + 1 : now + 5, rows, columns] if task.name == "boundary" else field[now + 1][None]
        np.testing.assert_allclose(task.y[sample] * task.y_scale, following, atol=1e-6)


def test_the_medium_and_the_sources_are_told(task: WaveTask) -> None:
    """The speed at the grid's points; the strength that the sources have on average, at their places."""
    for sample in (0, len(task.x) - 1):
        problem, image = random_problem(task.size, task.simulation[sample]), raw(task)[sample]
        at = np.stack(np.meshgrid(task.size.places, task.size.places))
        np.testing.assert_allclose(image[task.channels.index("speed")], problem.speed(at), atol=1e-6)
        begin = task.frame[sample] * task.size.interval
        spans = {"source": (0, 1), "source soon": (0, 2), "source later": (2, 4)}
        for name in set(spans) & set(task.channels):
            start, end = (begin + n * task.size.interval for n in spans[name])
            times = start + (end - start) * (np.arange(400) + 0.5) / 400
            total = sum(float(np.mean(source.pulse(times))) for source in problem.sources)
            assert image[task.channels.index(name)].sum() / task.size.grid**2 == pytest.approx(
                total, rel=0.02, abs=1e-3
            )


def test_the_sides_are_told_to_the_rollout(cache: Path) -> None:
    task = tasks.load("rollout", "tiny", cache)
    reflects = {"dirichlet": -1, "neumann": 1, "absorbing": 0}
    for sample in range(0, len(task.x), task.size.samples):
        image = raw(task)[sample, task.channels.index("reflection")]
        sides = random_problem(task.size, task.simulation[sample]).sides
        edges = {"left": image[1:-1, 0], "right": image[1:-1, -1], "bottom": image[0, 1:-1], "top": image[-1, 1:-1]}
        assert {side: set(values) for side, values in edges.items()} == {s: {reflects[k]} for s, k in sides.items()}
        assert not image[1:-1, 1:-1].any()


def test_normalisation_is_of_the_training_part(task: WaveTask) -> None:
    assert task.x[task.train, :PAST].std() == pytest.approx(1, rel=1e-3)
    assert np.abs(task.x[task.train, PAST:]).max() <= 2
    assert task.y_scale == task.x_scale[0] == task.x_scale[2]
    assert (task.x.dtype, task.y.dtype) == (np.float32, np.float32)


def test_the_ring_goes_once_around_the_zone() -> None:
    size = sizes.get("medium")
    around = tasks.ring(size)
    low, high = size.zone
    assert len({tuple(p) for p in around.tolist()}) == len(around) == 4 * (high - low)
    assert np.isin(around, (low, high)).any(axis=1).all() and around.min() == low and around.max() == high
    assert (np.abs(np.diff(np.vstack([around, around[:1]]), axis=0)).sum(axis=1) == 1).all()
    assert around[:2].tolist() == [[low, low], [low, low + 1]]


@pytest.mark.parametrize("name", sizes.SIZES)
def test_nothing_that_a_side_reflects_reaches_the_zone_within_the_horizon(name: str) -> None:
    """The boundary task need not tell the sides, since the net sees the field up to them."""
    size = sizes.get(name)
    gap = min(size.places[size.zone[0]], 1 - size.places[size.zone[1]])
    assert size.horizon * size.interval * max(1, *size.speeds) < gap


def test_baselines(task: WaveTask) -> None:
    """What the last field is worth, computed anew; tasks are no copies, yet the next field can be extrapolated."""
    fields, target = raw(task)[task.test][:, :PAST], task.y[task.test] * task.y_scale
    if task.name == "boundary":
        fields = fields[:, :, task.ring[:, 0], task.ring[:, 1]]
    copy = np.repeat(fields[:, 2:3], target.shape[1], axis=1)
    assert task.baselines["copy"] == pytest.approx(np.linalg.norm(copy - target) / np.linalg.norm(target), rel=1e-4)
    fits = np.polyfit([-2, -1, 0], fields.swapaxes(0, 1).reshape(PAST, -1), 2)
    ahead = np.arange(1, target.shape[1] + 1)
    along = np.stack([np.polyval(fits, k) for k in ahead]).reshape(len(ahead), len(target), -1).swapaxes(0, 1)
    error = np.linalg.norm(along - target.reshape(along.shape)) / np.linalg.norm(target)
    assert task.baselines["quadratic"] == pytest.approx(error, rel=1e-3)
    assert min(task.baselines.values()) > (0.5 if task.name == "boundary" else 0.1)


def test_relative_error_refuses_what_is_not_finite() -> None:
    assert relative_error(np.array([3.0, 0]), np.array([3.0, 4])) == pytest.approx(0.8)
    with pytest.raises(UserError, match=r"prediction at index \(1,\) is nan"):
        relative_error(np.array([3.0, np.nan]), np.array([3.0, 4]))


@pytest.mark.parametrize(("name", "size", "words"), [
    ("edge", "tiny", "no wave task 'edge': use one of boundary, rollout"),
    ("boundary", "huge", "no size 'huge' of the wave data set: use one of tiny, small, medium, large"),
])  # fmt: skip
def test_unknown_names(name: str, size: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=words):
        tasks.load(name, size, tmp_path)
