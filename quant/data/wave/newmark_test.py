"""Steps in time: energy, stability, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import UserError
from quant.data.wave.assembly import ABSORBING, DIRICHLET, NEUMANN, SIDES, System, assemble
from quant.data.wave.newmark import EXPLICIT, IMPLICIT, Newmark, stable_step
from quant.data.wave.problems import Ellipse

CELLS = 24
LINES = np.linspace(0, 1, CELLS + 1)
MEDIUM = Ellipse((0.4, 0.6), (0.3, 0.15), 0.5, 1.7)


def speed(at: np.ndarray) -> np.ndarray:
    return np.where(MEDIUM.holds(at), MEDIUM.speed, 1.0)


def system(sides: dict[str, str] | None = None, lumped: bool = False) -> System:
    mixed = dict(zip(SIDES, (DIRICHLET, NEUMANN, NEUMANN, DIRICHLET), strict=True))
    return assemble(LINES, LINES, speed, sides or mixed, lumped=lumped)


def rough(of: System) -> tuple[np.ndarray, np.ndarray]:
    """Random displacements and velocities, all frequencies of the mesh, zero where they are fixed."""
    u, v = np.random.default_rng(1).standard_normal((2, of.mass.shape[0]))
    u[of.fixed], v[of.fixed] = 0, 0
    return u, v * 100


@pytest.mark.parametrize("step", [0.003, 0.3])
def test_average_acceleration_keeps_the_energy(step: float) -> None:
    model = system()
    method = Newmark(model, step)
    state = method.start(*rough(model))
    before = model.energy(state.u, state.v)
    for _ in range(200):
        state = method.advance(state)
        assert model.energy(state.u, state.v) == pytest.approx(before, rel=1e-9)


def test_central_differences_keep_their_energy() -> None:
    """v M v + u K u - step^2 / 4 a M a (Krenk, Energy conservation in Newmark based time integration, 2006)."""
    model = system(lumped=True)
    method = Newmark(model, 0.9 * stable_step(model), EXPLICIT)
    state = method.start(*rough(model))

    def energy() -> float:
        return model.energy(state.u, state.v) - method.step**2 / 8 * float(state.a @ (model.mass @ state.a))

    before = energy()
    for _ in range(200):
        state = method.advance(state)
        assert energy() == pytest.approx(before, rel=1e-9)


@pytest.mark.parametrize("beta", [IMPLICIT, EXPLICIT])
def test_absorbing_sides_only_take_energy(beta: float) -> None:
    model = system(dict.fromkeys(SIDES, ABSORBING), lumped=beta == EXPLICIT)
    method = Newmark(model, 0.01, beta)
    at = model.points
    u = np.exp(-((at[0] - 0.5) ** 2 + (at[1] - 0.5) ** 2) / 0.02)
    state = method.start(u, 0 * u)
    energies = [model.energy(state.u, state.v)]
    for _ in range(300):
        state = method.advance(state)
        energies.append(model.energy(state.u, state.v))
    bound = 1e-12 if beta == IMPLICIT else 2e-3
    assert np.diff(energies).max() <= bound * energies[0]
    assert energies[-1] < 0.02 * energies[0]


def test_the_stable_step_of_equal_squares_is_known() -> None:
    """h / (c sqrt 2), with sides fixed so that the corners have no say."""
    model = assemble(LINES, LINES, lambda at: np.full(at.shape[1:], 1.5), dict.fromkeys(SIDES, DIRICHLET), lumped=True)
    assert stable_step(model) == pytest.approx(1 / (CELLS * 1.5 * np.sqrt(2)), rel=5e-3)


def test_beyond_the_stable_step_the_field_grows_without_bound() -> None:
    """The limit is neither too low nor too high, in a medium with two speeds."""
    model = system(lumped=True)
    limit = stable_step(model)
    greatest = {}
    for factor in (0.99, 1.03):
        method = Newmark(model, 0.5 * limit, EXPLICIT)
        method.step = factor * limit
        state = method.start(*rough(model))
        for _ in range(600):
            state = method.advance(state)
        greatest[factor] = np.abs(state.u).max()
    assert greatest[0.99] < 100 < 1e6 < greatest[1.03]
    with pytest.raises(UserError, match=rf"time step 0\.03 is unstable .* must be at most {limit:.4g}"):
        Newmark(model, 0.03, EXPLICIT)


@pytest.mark.parametrize(("lumped", "step", "beta", "words"), [
    (False, 0.0, IMPLICIT, "time step is 0: it must be positive"),
    (False, float("nan"), IMPLICIT, "time step is nan: it must be positive"),
    (False, 0.01, 0.1, "beta is 0.1: it must be 0 .* or 0.25"),
    (False, 0.001, EXPLICIT, "need a diagonal mass matrix"),
])  # fmt: skip
def test_refused_steps(lumped: bool, step: float, beta: float, words: str) -> None:
    with pytest.raises(UserError, match=words):
        Newmark(system(lumped=lumped), step, beta)
