"""The zone of interest: a submodel with its own mesh, driven by given values on its edge; what a prediction is worth.

The zone's mesh consists of the triangles of the whole square's that lie within, so that exact values on every edge node
at every step give exactly the field of the whole. A net predicts fewer: at the grid's points of the edge and at the
frames; between them a cubic spline is taken, along each side and in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from codesign.errors import UserError
from quant.data.wave import checks
from quant.data.wave.assembly import DIRICHLET, SIDES, assemble
from quant.data.wave.newmark import EXPLICIT, Newmark, State
from quant.data.wave.problems import Problem, random_problem
from quant.data.wave.simulate import Simulation, check, shapes, strengths
from quant.data.wave.sizes import Size
from quant.data.wave.tasks import PAST, WaveTask, ring

Edge = Callable[[float], State]
"""Time to the values, velocities and accelerations of the edge's nodes, in the order of ``Zone.system.fixed``."""


class Zone:
    """The finite-element model of a size's zone in a problem, with the mesh and the steps of the whole square.

    Args:
        size: of the data set.
        problem: the medium and the sources.
        beta: EXPLICIT, or IMPLICIT (with a consistent mass).
        steps: time steps an interval; the size's if left out.

    Attributes:
        nodes: the numbers of its nodes in the mesh of the whole square, [N].

    Raises:
        UserError: the zone is empty or leaves the square; what `Simulation` refuses.
    """

    def __init__(self, size: Size, problem: Problem, beta: float = EXPLICIT, steps: int | None = None) -> None:
        check(size, problem)
        low, high = corners(size)
        first, last = round(low * size.cells), round(high * size.cells)
        lines = size.lines[first : last + 1]
        self.size, self.problem, self.steps = size, problem, steps or size.steps
        self.system = assemble(lines, lines, problem.speed, dict.fromkeys(SIDES, DIRICHLET), lumped=beta == EXPLICIT)
        self.method = Newmark(self.system, size.interval / self.steps, beta)
        self.shapes = shapes(self.system, problem)
        along = np.arange(first, last + 1)
        self.nodes = (along[:, None] * (size.cells + 1) + along[None, :]).ravel()
        self._from_ring = _from_ring(size, self.system.points[:, self.system.fixed])

    def solve(self, state: State, now: int, edge: Edge) -> list[State]:
        """The states at the frames ``now`` + 1 to ``now`` + horizon, from that at frame ``now``."""
        found, step, steps = [], self.method.step, self.steps
        for number in range(now * steps + 1, (now + self.size.horizon) * steps + 1):
            time = number * step
            state = self.method.advance(state, strengths(self.problem, time) @ self.shapes, edge(time))
            if number % steps == 0:
                found.append(state)
        return found

    def edge(self, now: int, past: np.ndarray, values: np.ndarray) -> Edge:
        """What is known and predicted of the edge, as a function of time.

        Args:
            now: the present frame.
            past: the field on the ring at the last PAST frames, [PAST, K]; the last is frame ``now``.
            values: the field on the ring at the next frames, [horizon, K].
        """
        expected = (self.size.horizon, self._from_ring.shape[1])
        if np.shape(values) != expected:
            raise UserError(f"The boundary values are {list(np.shape(values))}: they must be {list(expected)}, frames "
                            f"by points of the ring.")  # fmt: skip
        frames = np.arange(now - PAST + 1, now + self.size.horizon + 1)
        known = np.concatenate([checks.finite("past field", past), checks.finite("boundary values", values)])
        u = CubicSpline(frames * self.size.interval, known @ self._from_ring.T)
        v, a = u.derivative(1), u.derivative(2)
        return lambda time: State(u(time), v(time), a(time))


def corners(size: Size) -> tuple[float, float]:
    """The least and the greatest coordinate of the zone, the same in x and y; refuses one outside the square."""
    low, high = ((index + 0.5) / size.grid for index in size.zone)
    checks.inside((low, low), (high, high))
    return low, high


@dataclass(frozen=True)
class ZoneErrors:
    """L2 norms over the zone and the horizon's frames, [n] each: submodel minus whole model, and whole model."""

    difference: np.ndarray
    whole: np.ndarray

    @property
    def relative(self) -> float:
        """The relative error over all samples together."""
        return float(np.linalg.norm(self.difference) / np.linalg.norm(self.whole))


def submodel(task: WaveTask, sample: int, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The field in the zone at the horizon's frames, from boundary values, and that of the whole model.

    Args:
        task: boundary.
        sample: its number in ``task.x``.
        values: predicted for it, normalised as ``task.y`` is, [horizon, K].

    Returns:
        Two arrays [horizon, rows, columns] on the zone's nodes; rows go up, columns right.
    """
    for run in _runs(task, np.array([sample])):
        side = round(np.sqrt(len(run.zone.nodes)))
        found, whole = (f.reshape(-1, side, side).transpose(0, 2, 1) for f in (run.solve(task, values), run.whole))
    return found, whole


def zone_errors(
    task: WaveTask, samples: np.ndarray, values: np.ndarray, beta: float = EXPLICIT, steps: int | None = None
) -> ZoneErrors:
    """What predicted boundary values are worth: the submodel driven by them against the whole model.

    With ``values = task.y[samples]`` it is what the submodel itself costs: the spline between the ring's points, and
    its scheme, where that isn't the whole model's.

    Args:
        task: boundary.
        samples: numbers of samples, [n].
        values: predicted for them, normalised as ``task.y`` is, [n, horizon, K].
        beta, steps: of the submodel, as for `Zone`.
    """
    difference, whole = np.zeros(len(samples)), np.zeros(len(samples))
    for run in _runs(task, np.asarray(samples), beta, steps):
        norm = run.zone.system.norm
        found = run.solve(task, values[run.position])
        difference[run.position] = np.linalg.norm([norm(f - w) for f, w in zip(found, run.whole, strict=True)])
        whole[run.position] = np.linalg.norm([norm(w) for w in run.whole])
    return ZoneErrors(difference, whole)


@dataclass(frozen=True)
class _Run:
    """A sample whose whole model is solved: its place among those asked, and its zone, now and at the next frames."""

    position: int
    sample: int
    zone: Zone
    state: State
    whole: np.ndarray

    def solve(self, task: WaveTask, values: np.ndarray) -> np.ndarray:
        """The zone's field at the next frames, [horizon, N], from normalised boundary values."""
        past = task.x[self.sample, :PAST, task.ring[:, 0], task.ring[:, 1]].T
        now, scale = int(task.frame[self.sample]), task.y_scale
        edge = self.zone.edge(now, past.astype(float) * scale, np.asarray(values, float) * scale)
        return np.stack([state.u for state in self.zone.solve(self.state, now, edge)])


def _runs(task: WaveTask, samples: np.ndarray, beta: float = EXPLICIT, steps: int | None = None) -> Iterator[_Run]:
    """The samples by simulation, each of which is solved once more: states on all nodes are not stored."""
    if task.name != "boundary":
        raise UserError(f"The wave task {task.name!r} predicts no boundary values: use boundary.")
    size = task.size
    for simulation in np.unique(task.simulation[samples]):
        problem = random_problem(size, int(simulation))
        zone = Zone(size, problem, beta, steps)
        states = Simulation(size, problem).states()
        frames = [state[zone.nodes] for number, state in enumerate(states) if number % size.steps == 0]
        for position in np.flatnonzero(task.simulation[samples] == simulation):
            sample = int(samples[position])
            now = int(task.frame[sample])
            whole = np.stack([state.u for state in frames[now + 1 : now + 1 + size.horizon]])
            yield _Run(int(position), sample, zone, frames[now], whole)


def _from_ring(size: Size, nodes: np.ndarray) -> np.ndarray:
    """The cubic spline along each side, from values on the ring [K] to the edge's ``nodes`` [2, E], as [E, K]."""
    where = size.places[ring(size)]
    low, high = corners(size)
    matrix = np.zeros((nodes.shape[1], len(where)))
    for along, across, end in ((0, 1, low), (0, 1, high), (1, 0, low), (1, 0, high)):
        points = np.flatnonzero(np.isclose(where[:, 1 - across], end))
        points = points[np.argsort(where[points, 1 - along])]
        on_side = np.isclose(nodes[across], end)
        spline = CubicSpline(where[points, 1 - along], np.eye(len(points)))
        matrix[np.ix_(on_side, points)] = spline(nodes[along, on_side])
    return matrix
