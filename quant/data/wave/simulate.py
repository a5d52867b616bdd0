"""A problem solved: explicit steps on the whole square, its field on the nets' grid at every frame."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from quant.data.wave import checks
from quant.data.wave.assembly import System, assemble, load
from quant.data.wave.newmark import EXPLICIT, Newmark, State
from quant.data.wave.problems import Problem
from quant.data.wave.sizes import BANDWIDTH, Size


class Simulation:
    """A problem on the mesh of a size, from rest.

    Args:
        size: mesh, step and frames.
        problem: what is solved.
        beta: EXPLICIT, or IMPLICIT (with a consistent mass).
        steps: time steps an interval; the size's if left out.

    Raises:
        UserError: the mesh is too coarse for the shortest wavelength, a speed or a frequency is not positive, a number
            is not finite.
    """

    def __init__(self, size: Size, problem: Problem, beta: float = EXPLICIT, steps: int | None = None) -> None:
        check(size, problem)
        self.size, self.problem, self.steps = size, problem, steps or size.steps
        self.system = assemble(size.lines, size.lines, problem.speed, problem.sides, lumped=beta == EXPLICIT)
        self.shapes = shapes(self.system, problem)
        self.method = Newmark(self.system, size.interval / self.steps, beta)

    def load(self, time: float) -> np.ndarray:
        """The load vector at ``time``, [N]."""
        return strengths(self.problem, time) @ self.shapes

    def states(self) -> Iterator[State]:
        """The state at every time step from 0 on, to the last frame's: ``steps`` of them a frame."""
        rest = np.zeros(self.system.mass.shape[0])
        state = self.method.start(rest, rest, self.load(0.0))
        yield state
        for number in range(1, (self.size.frames - 1) * self.steps + 1):
            state = self.method.advance(state, self.load(number * self.method.step))
            yield state

    def fields(self) -> np.ndarray:
        """The field at every frame, float64 [frames, grid, grid]; rows go up (y), columns right (x)."""
        on_grid = grid_nodes(self.size)
        found = np.stack([s.u[on_grid] for n, s in enumerate(self.states()) if n % self.steps == 0])
        return checks.finite("simulated field", found)


def check(size: Size, problem: Problem) -> None:
    """Refuse a problem that the mesh of ``size`` does not resolve, or that has a number that cannot be."""
    for inclusion in problem.inclusions:
        checks.positive("wave speed of an inclusion", inclusion.speed)
    slowest = min([1.0, *(inclusion.speed for inclusion in problem.inclusions)])
    for number, source in enumerate(problem.sources):
        checks.positive(f"frequency of source {number}", source.frequency)
        checks.finite(f"place, time or amplitude of source {number}", [*source.place, source.time, source.amplitude])
        checks.resolved(1 / size.cells, slowest, BANDWIDTH * source.frequency)


def shapes(system: System, problem: Problem) -> np.ndarray:
    """The load vectors of the problem's sources at strength 1, [sources, N]."""
    return np.stack([load(system.basis, source.density) for source in problem.sources])


def strengths(problem: Problem, time: float) -> np.ndarray:
    """The strengths of the problem's sources at ``time``, [sources]."""
    return np.array([source.pulse(time) for source in problem.sources])


def grid_nodes(size: Size) -> np.ndarray:
    """The mesh's nodes at the grid's points, [grid, grid]: the grid's points are nodes, nothing is interpolated."""
    line = np.rint(size.places * size.cells).astype(int)
    return line[None, :] * (size.cells + 1) + line[:, None]
