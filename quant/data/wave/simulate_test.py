"""Whole simulations, against another discretisation; and problems that are refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from codesign.errors import UserError
from quant.data.wave import sizes
from quant.data.wave.assembly import NEUMANN, SIDES, assemble
from quant.data.wave.newmark import Newmark
from quant.data.wave.problems import Ellipse, Problem, Source, random_problem
from quant.data.wave.simulate import Simulation, grid_nodes, shapes, strengths

SIZE = sizes.get("tiny")
SOURCE = Source((0.5, 0.5), 1.0, 1.5, 1.0)


@pytest.mark.parametrize("number", [2, 5])
def test_fields_equal_those_of_quadratic_triangles_and_implicit_steps(number: int) -> None:
    """Another mesh, element, mass and scheme give the same field at the last frame, within 3 %."""
    problem = random_problem(SIZE, number)
    fields = Simulation(SIZE, problem).fields()
    assert fields.shape == (SIZE.frames, SIZE.grid, SIZE.grid)
    lines = np.linspace(0, 1, 33)
    system = assemble(lines, lines, problem.speed, problem.sides, degree=2)
    method, density = Newmark(system, SIZE.interval / 6), shapes(system, problem)
    rest = np.zeros(system.mass.shape[0])
    state = method.start(rest, rest)
    for step in range(1, (SIZE.frames - 1) * 6 + 1):
        state = method.advance(state, strengths(problem, step * method.step) @ density)
    at = np.stack(np.meshgrid(SIZE.places, SIZE.places))
    other = (system.basis.probes(at.reshape(2, -1)) @ state.u).reshape(at.shape[1:])
    assert np.linalg.norm(fields[-1] - other) < 0.03 * np.linalg.norm(other)
    assert np.linalg.norm(fields[-1] - other.T) > 0.3 * np.linalg.norm(other)


@pytest.mark.parametrize("name", sizes.SIZES)
def test_the_grid_lies_on_nodes(name: str) -> None:
    size = sizes.get(name)
    lines = size.lines
    x, y = (lines[nodes] for nodes in np.divmod(grid_nodes(size), size.cells + 1))
    np.testing.assert_allclose(np.stack([x, y]), np.stack(np.meshgrid(size.places, size.places)))


def problem(speed: float = 1.0, source: Source = SOURCE) -> Problem:
    return Problem((Ellipse((0.3, 0.3), (0.1, 0.1), 0.0, speed),), (source,), dict.fromkeys(SIDES, NEUMANN))


@pytest.mark.parametrize(("bad", "words"), [
    (problem(0.2), r"mesh size 0\.01562 is too coarse for the wavelength 0\.08 \(speed 0\.2, frequency 2\.5\), "
                   r"5\.1 points each: it must be at most 0\.008 \(10 points\)"),
    (problem(source=replace(SOURCE, frequency=9.0)), r"wavelength 0\.04444 \(speed 1, frequency 22\.5\)"),
    (problem(0.0), "wave speed of an inclusion is 0: it must be positive"),
    (problem(float("nan")), "wave speed of an inclusion is nan: it must be positive"),
    (problem(source=replace(SOURCE, amplitude=float("nan"))), "amplitude of source 0 at index .3,. is nan"),
    (problem(source=replace(SOURCE, frequency=0.0)), "frequency of source 0 is 0: it must be positive"),
    (problem(2.0), "time step .* is unstable with explicit steps"),
])  # fmt: skip
def test_refused(bad: Problem, words: str) -> None:
    with pytest.raises(UserError, match=words):
        Simulation(SIZE, bad)


def test_a_wavelength_of_ten_points_is_enough() -> None:
    Simulation(SIZE, problem(2.5 / 64 * 10))
    with pytest.raises(UserError, match=r"9\.9 points each"):
        Simulation(SIZE, problem(2.5 / 64 * 9.9))
