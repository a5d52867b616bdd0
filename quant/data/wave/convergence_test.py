"""The solver converges to analytic solutions in the order that theory gives."""

from __future__ import annotations

import pytest

from quant.data.wave.convergence import SOLUTIONS, error, order, order_in_space, order_in_time
from quant.data.wave.newmark import EXPLICIT, IMPLICIT

WITHIN = 0.2


@pytest.mark.parametrize("name", SOLUTIONS)
@pytest.mark.parametrize("beta", [IMPLICIT, EXPLICIT])
def test_second_order_with_linear_triangles(name: str, beta: float) -> None:
    cells = (16, 32, 64) if name == "absorbing" else (8, 16, 32)  # A narrow pulse needs finer meshes to show it.
    assert order_in_space(SOLUTIONS[name], cells, 1, beta) == pytest.approx(2, abs=WITHIN)


@pytest.mark.parametrize("name", ["dirichlet", "neumann", "driven"])
def test_third_order_with_quadratic_triangles(name: str) -> None:
    assert order_in_space(SOLUTIONS[name], (4, 8, 16), 2, IMPLICIT) == pytest.approx(3, abs=WITHIN)


def test_a_pulse_with_quadratic_triangles_is_no_worse() -> None:
    """The error in its speed, O(h^4), outweighs that of its shape on meshes of this size: 3.5 is measured."""
    assert order_in_space(SOLUTIONS["absorbing"], (8, 16, 32), 2, IMPLICIT) > 3 - WITHIN


@pytest.mark.parametrize("name", ["dirichlet", "neumann", "absorbing"])
def test_order_in_time(name: str) -> None:
    steps = (12, 24, 48) if name == "absorbing" else (6, 12, 24)
    assert order_in_time(SOLUTIONS[name], steps) == pytest.approx(2, abs=WITHIN)


def test_a_parabola_in_time_is_exact() -> None:
    """Newmark's acceleration is constant over a step: the number of steps doesn't count."""
    few, many = (error(SOLUTIONS["driven"], 12, steps, 2, IMPLICIT) for steps in (3, 30))
    assert few == pytest.approx(many, rel=1e-3)


def test_order_of_known_errors() -> None:
    assert order([2, 4, 8], [3 / 4, 3 / 16, 3 / 64]) == pytest.approx(2)
