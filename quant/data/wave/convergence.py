"""The solver against analytic solutions, and the order in which its error falls with the mesh and with the step.

Theory (Strang and Fix 1973; Hughes ch. 9): in L2 the error is O(h^2) with linear and O(h^3) with quadratic triangles,
O(step^2) in time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from quant.data.wave.assembly import ABSORBING, DIRICHLET, NEUMANN, SIDES, assemble, load
from quant.data.wave.newmark import EXPLICIT, Newmark

C = 1.3
"""The wave speed of all solutions, other than 1 so that a lost factor shows."""
END = 0.35
"""Time at which errors are taken; no field is zero or at rest then."""

Field = Callable[[np.ndarray, float], np.ndarray]
"""Positions [2, ...] and time to values [...]."""


@dataclass(frozen=True)
class Exact:
    """A solution of u_tt = C^2 div grad u + f: u, its velocity at time 0, f (or none), and the kinds of sides."""

    u: Field
    velocity: Field
    sides: dict[str, str]
    force: Field | None = None


def _standing(shape: Callable[[np.ndarray], np.ndarray], side: str) -> Exact:
    frequency = np.pi * C * np.sqrt(2)
    return Exact(
        lambda at, t: np.cos(frequency * t) * shape(np.pi * at[0]) * shape(np.pi * at[1]),
        lambda at, t: -frequency * np.sin(frequency * t) * shape(np.pi * at[0]) * shape(np.pi * at[1]),
        dict.fromkeys(SIDES, side),
    )


def _bell(s: np.ndarray) -> np.ndarray:
    return np.exp(-((s - 0.55) ** 2) / 0.02)


def _growing(at: np.ndarray) -> np.ndarray:
    return np.sin(np.pi * at[0]) * np.sin(np.pi * at[1])


SOLUTIONS = {
    "dirichlet": _standing(np.sin, DIRICHLET),
    "neumann": _standing(np.cos, NEUMANN),
    # A pulse that runs to the right; at the end its crest is on the side that absorbs it.
    "absorbing": Exact(
        lambda at, t: _bell(at[0] - C * t),
        lambda at, t: 100 * C * (at[0] - C * t - 0.55) * _bell(at[0] - C * t),
        {"left": ABSORBING, "right": ABSORBING, "bottom": NEUMANN, "top": NEUMANN},
    ),
    "driven": Exact(
        lambda at, t: t**2 * _growing(at),
        lambda at, t: 2 * t * _growing(at),
        dict.fromkeys(SIDES, DIRICHLET),
        lambda at, t: (2 + 2 * (np.pi * C * t) ** 2) * _growing(at),
    ),
}


def error(exact: Exact, cells: int, steps: int, degree: int, beta: float) -> float:
    """The L2 error at END with ``cells`` squares along a side, after ``steps`` steps."""
    lines = np.linspace(0, 1, cells + 1)
    system = assemble(lines, lines, lambda at: np.full(at.shape[1:], C), exact.sides, degree, lumped=beta == EXPLICIT)
    method = Newmark(system, END / steps, beta)

    def forces(time: float) -> np.ndarray | float:
        return 0.0 if exact.force is None else load(system.basis, lambda at: exact.force(at, time))  # type: ignore[misc]

    state = method.start(exact.u(system.points, 0.0), exact.velocity(system.points, 0.0), forces(0.0))
    for number in range(1, steps + 1):
        state = method.advance(state, forces(number * method.step))
    fine = type(system.basis)(system.basis.mesh, system.basis.elem, intorder=8)
    difference = np.asarray(fine.interpolate(state.u)) - exact.u(np.asarray(fine.global_coordinates()), END)
    return float(np.sqrt(np.sum(difference**2 * fine.dx)))


def order(fineness: Sequence[int], errors: Sequence[float]) -> float:
    """p of error = const * fineness^-p, by least squares on logarithms."""
    return -float(np.polyfit(np.log(fineness), np.log(errors), 1)[0])


def order_in_space(exact: Exact, cells: Sequence[int], degree: int, beta: float) -> float:
    """Measured order in h; with steps that shrink as h (linear) or are so many that they don't count (quadratic)."""
    steps = [4 * n if degree == 1 else 400 for n in cells]
    return order(cells, [error(exact, n, k, degree, beta) for n, k in zip(cells, steps, strict=True)])


def order_in_time(exact: Exact, steps: Sequence[int], cells: int = 24) -> float:
    """Measured order in the step of the average acceleration; quadratic triangles, whose error doesn't count."""
    return order(steps, [error(exact, cells, n, 2, 0.25) for n in steps])
