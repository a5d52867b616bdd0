"""What nets learn: the zone's edge at the next instants, or the next field; samples and parts by simulation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from codesign.errors import UserError
from quant.data.wave import checks, sizes, storage
from quant.data.wave.problems import REFLECTION, Problem, random_problem
from quant.data.wave.sizes import Size

PAST = 3
"""Frames that a net sees: the last two would do for the wave equation, the third improves the speed they tell."""
PARTS = (0.7, 0.15, 0.15)


@dataclass(frozen=True)
class WaveTask:
    """The samples of a task, normalised: ``x * x_scale[:, None, None] + x_offset[...]`` are the fields, likewise y.

    Attributes:
        name: of the task.
        size: of the data set.
        x: float32 [n, C, H, W]; rows go up (y), columns right (x).
        y: float32 [n, horizon, K] (boundary) or [n, 1, H, W] (rollout).
        channels: what each channel of x is.
        x_offset, x_scale: [C]; the fields' channels have the offset 0 and the scale of y.
        y_scale: of y, whose offset is 0.
        simulation, frame: of each sample, int [n]; the frame is the present.
        train, validation, test: indices of samples; no simulation is in two of them.
        ring: rows and columns of the zone's edge in the grid, int [K, 2], counter-clockwise from its lower left corner.
        baselines: relative L2 error on the test part of what needs no net.
        source: where the data come from, a sentence or two.
    """

    name: str
    size: Size
    x: np.ndarray
    y: np.ndarray
    channels: tuple[str, ...]
    x_offset: np.ndarray
    x_scale: np.ndarray
    y_scale: float
    simulation: np.ndarray
    frame: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    ring: np.ndarray
    source: str
    baselines: dict[str, float] = field(default_factory=dict)


def ring(size: Size) -> np.ndarray:
    """Rows and columns of the zone's edge in the grid, int [K, 2], counter-clockwise from its lower left corner."""
    low, high = size.zone
    up = range(low, high)
    bottom, right = [(low, c) for c in up], [(r, high) for r in up]
    top, left = [(high, c + 1) for c in reversed(up)], [(r + 1, low) for r in reversed(up)]
    return np.array(bottom + right + top + left)


def relative_error(found: np.ndarray, expected: np.ndarray) -> float:
    """|found - expected| / |expected| in L2, over everything."""
    checks.finite("prediction", found)
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


def load(
    task: str, size: str = "medium", cache: Path | None = None, tell: Callable[[int], None] | None = None
) -> WaveTask:
    """The samples of ``task``, one of TASKS, simulated first where they are not in ``cache`` yet.

    Args:
        task: its name.
        size: the name of one of ``sizes.SIZES``.
        cache: the folder that ``codesign data wave -o`` was given; the project's cache if left out.
        tell: called with the number of each simulation that is there.

    Raises:
        UserError: the task or the size is unknown.
    """
    if task not in TASKS:
        raise UserError(f"There is no wave task {task!r}: use one of {', '.join(TASKS)}.")
    chosen = sizes.get(size)
    fields = storage.fields(chosen, cache, tell)
    problems = [random_problem(chosen, n) for n in range(chosen.simulations)]
    frames = np.arange(chosen.first, chosen.first + chosen.samples)
    channels, samples = TASKS[task]
    pairs = [samples(chosen, p, f, int(now)) for p, f in zip(problems, fields, strict=True) for now in frames]
    x, y = (np.stack(part) for part in zip(*pairs, strict=True))
    simulation = np.repeat(np.arange(chosen.simulations), len(frames))
    train, validation, test = _parts(chosen.simulations, simulation)
    offset, scale = _normalisation(x[train], channels)
    x = (x - offset[:, None, None]) / scale[:, None, None]
    y = y / scale[0]
    where = ring(chosen)
    made = WaveTask(
        task, chosen, x.astype(np.float32), y.astype(np.float32), channels, offset, scale, float(scale[0]),
        simulation, np.tile(frames, chosen.simulations), train, validation, test, where, storage.SOURCE,
    )  # fmt: skip
    made.baselines.update(_baselines(made))
    return made


def _parts(simulations: int, simulation: np.ndarray) -> list[np.ndarray]:
    """Indices of the samples for training, validation and test; the problems are random, so the first are as good."""
    ends = np.rint(np.cumsum(PARTS) * simulations)
    part = np.searchsorted(ends, np.arange(simulations), side="right")
    return [np.flatnonzero(part[simulation] == number) for number in range(3)]


def _normalisation(x: np.ndarray, channels: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Offset and scale [C] from the training part: fields by their deviation, sources by their greatest value."""
    offset, scale = np.zeros(len(channels)), np.ones(len(channels))
    scale[:PAST] = x[:, :PAST].std()
    for number, name in enumerate(channels[PAST:], PAST):
        if name == "speed":
            offset[number], scale[number] = 1.0, np.abs(x[:, number] - 1).max()
        elif name.startswith("source"):
            scale[number] = np.abs(x[:, number]).max()
    return offset, scale


def _baselines(task: WaveTask) -> dict[str, float]:
    """The last field again, and the fields extrapolated in time by the polynomial through the last two and three."""
    target, rows, columns = task.y[task.test], task.ring[:, 0], task.ring[:, 1]
    past = task.x[task.test, :PAST]
    if task.name == "boundary":
        past = past[:, :, rows, columns]
    ahead = np.arange(1, target.shape[1] + 1).reshape(1, -1, *(1,) * (past.ndim - 2))
    before, last, now = (past[:, n, None] for n in range(PAST))
    linear = now + ahead * (now - last)
    quadratic = linear + ahead * (ahead + 1) / 2 * (now - 2 * last + before)
    guesses = {"copy": now + 0 * ahead, "linear": linear, "quadratic": quadratic}
    return {name: relative_error(guess, target) for name, guess in guesses.items()}


def _places(size: Size) -> np.ndarray:
    """The grid's points, [2, grid, grid]."""
    x, y = np.meshgrid(size.places, size.places)
    return np.stack([x, y])


def _forcing(size: Size, problem: Problem, start: float, end: float) -> np.ndarray:
    """The mean of the sources from frame ``start`` to ``end``, on the grid."""
    at, times = _places(size), (start * size.interval, end * size.interval)
    return np.sum([source.density(at) * source.impulse(*times) for source in problem.sources], axis=0)


def _reflection(size: Size, problem: Problem) -> np.ndarray:
    """What the sides reflect, at the grid's outermost points: -1, 0 or 1; their sum in a corner, 0 within."""
    image = np.zeros((size.grid, size.grid))
    image[:, 0] += REFLECTION[problem.sides["left"]]
    image[:, -1] += REFLECTION[problem.sides["right"]]
    image[0] += REFLECTION[problem.sides["bottom"]]
    image[-1] += REFLECTION[problem.sides["top"]]
    return image


def _boundary(size: Size, problem: Problem, fields: np.ndarray, now: int) -> tuple[np.ndarray, np.ndarray]:
    """The sides of the square are not told: nothing that they reflect reaches the zone within the horizon."""
    half = now + size.horizon / 2
    sources = [_forcing(size, problem, now, half), _forcing(size, problem, half, now + size.horizon)]
    where = ring(size)
    target = fields[now + 1 : now + 1 + size.horizon, where[:, 0], where[:, 1]]
    return np.stack([*fields[now - PAST + 1 : now + 1], problem.speed(_places(size)), *sources]), target


def _rollout(size: Size, problem: Problem, fields: np.ndarray, now: int) -> tuple[np.ndarray, np.ndarray]:
    extra = [problem.speed(_places(size)), _forcing(size, problem, now, now + 1), _reflection(size, problem)]
    return np.stack([*fields[now - PAST + 1 : now + 1], *extra]), fields[now + 1 : now + 2]


Samples = Callable[[Size, Problem, np.ndarray, int], tuple[np.ndarray, np.ndarray]]
_FIELDS = ("field before last", "last field", "field")
TASKS: dict[str, tuple[tuple[str, ...], Samples]] = {
    "boundary": ((*_FIELDS, "speed", "source soon", "source later"), _boundary),
    "rollout": ((*_FIELDS, "speed", "source", "reflection"), _rollout),
}
