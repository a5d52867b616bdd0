"""The submodel gives the whole model's field, and bad boundary values are worth less."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from codesign.errors import UserError
from quant.data.wave import sizes, tasks
from quant.data.wave.newmark import EXPLICIT, IMPLICIT, State
from quant.data.wave.problems import random_problem
from quant.data.wave.simulate import Simulation
from quant.data.wave.tasks import PAST, WaveTask
from quant.data.wave.zone import Zone, submodel, zone_errors

SIZE = sizes.get("tiny")


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> WaveTask:
    return tasks.load("boundary", "tiny", tmp_path_factory.mktemp("wave"))


@pytest.mark.parametrize("beta", [EXPLICIT, IMPLICIT])
def test_exact_edge_values_give_exactly_the_field_of_the_whole(beta: float) -> None:
    """To rounding, with what the whole model has on the edge at every step; sources and inclusions lie within."""
    problem, now = random_problem(SIZE, 3), 12
    zone = Zone(SIZE, problem, beta)
    states = [state[zone.nodes] for state in Simulation(SIZE, problem, beta).states()]

    def edge(time: float) -> State:
        return states[round(time / zone.method.step)][zone.system.fixed]

    found = zone.solve(states[now * SIZE.steps], now, edge)
    for ahead, state in enumerate(found, 1):
        whole = states[(now + ahead) * SIZE.steps]
        np.testing.assert_allclose(state.u, whole.u, atol=1e-11 * np.abs(whole.u).max())


def test_nodes_of_the_zone_are_those_of_the_square() -> None:
    problem = random_problem(SIZE, 3)
    zone = Zone(SIZE, problem)
    np.testing.assert_allclose(zone.system.points, Simulation(SIZE, problem).system.points[:, zone.nodes], atol=1e-12)


def test_true_values_at_the_ring_are_enough(task: WaveTask) -> None:
    """The spline between the ring's points and the frames costs under 1 %."""
    samples = task.test[::4]
    errors = zone_errors(task, samples, task.y[samples])
    assert 0 < errors.relative < 0.01
    assert (errors.whole > 0).all()


def test_fewer_implicit_steps_cost_some(task: WaveTask) -> None:
    """A step a frame costs more than four, which cost little."""
    samples = task.test[::4]
    coarse, fine = (zone_errors(task, samples, task.y[samples], IMPLICIT, steps).relative for steps in (1, 4))
    assert 2 * fine < coarse < 0.05
    assert fine < 0.005


def test_errors_grow_with_those_of_the_prediction(task: WaveTask) -> None:
    samples = task.test[[9, 2]]
    noise = np.random.default_rng(0).standard_normal(task.y[samples].shape)
    noise *= np.linalg.norm(task.y[samples]) / np.linalg.norm(noise)
    errors = [zone_errors(task, samples, task.y[samples] + part * noise).relative for part in (0.0, 0.1, 0.2, 0.4)]
    assert np.all(np.diff(errors) > 0)
    assert errors[3] == pytest.approx(2 * errors[2], rel=0.05)


def test_fields_of_a_submodel(task: WaveTask) -> None:
    """On the grid's points within the zone, the whole model's field is the target's and the stored one's."""
    sample = int(task.test[3])
    found, whole = submodel(task, sample, task.y[sample])
    assert found.shape == whole.shape == (4, 23, 23)
    low = task.size.zone[0]
    at = (task.ring - low) * 2
    np.testing.assert_allclose(whole[:, at[:, 0], at[:, 1]], task.y[sample] * task.y_scale, atol=1e-6)
    np.testing.assert_allclose(found[:, at[:, 0], at[:, 1]], task.y[sample] * task.y_scale, atol=1e-6)
    later = sample + 1
    assert task.frame[later] == task.frame[sample] + 1
    present = task.x[later, PAST - 1, low : low + 12, low : low + 12] * task.y_scale
    np.testing.assert_allclose(whole[0, ::2, ::2], present, atol=1e-6)


def test_results_come_in_the_order_asked(task: WaveTask) -> None:
    samples = np.array([100, 3, 101, 4])
    assert len(set(task.simulation[samples])) == 2
    together = zone_errors(task, samples, 0 * task.y[samples])
    for position, sample in enumerate(samples):
        alone = zone_errors(task, np.array([sample]), 0 * task.y[[sample]])
        assert (alone.difference[0], alone.whole[0]) == (together.difference[position], together.whole[position])


@pytest.mark.parametrize("corners", [(20, 10), (10, 10), (-3, 5), (10, 32)])
def test_a_zone_must_lie_in_the_domain(corners: tuple[int, int]) -> None:
    with pytest.raises(UserError, match=r"zone from \(.*\) must lie in the domain from \(0, 0\) to \(1, 1\)"):
        Zone(replace(SIZE, zone=corners), random_problem(SIZE, 0))


def test_refused(task: WaveTask) -> None:
    sample = int(task.test[0])
    bad = task.y[sample].copy()
    bad[2, 7] = np.nan
    with pytest.raises(UserError, match=r"boundary values at index \(2, 7\) is nan: it must be finite"):
        submodel(task, sample, bad)
    with pytest.raises(UserError, match=r"boundary values are \[4, 43\]: they must be \[4, 44\]"):
        submodel(task, sample, bad[:, :43])
    with pytest.raises(UserError, match="'rollout' predicts no boundary values: use boundary"):
        zone_errors(replace(task, name="rollout"), task.test, task.y[task.test])
