"""What the finite-element solver costs: wall time to advance by what a net predicts at once."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import numpy as np

from codesign.errors import UserError
from quant.data.wave import sizes
from quant.data.wave.newmark import EXPLICIT, State
from quant.data.wave.problems import random_problem
from quant.data.wave.simulate import Simulation, strengths
from quant.data.wave.zone import Zone

MODELS: dict[str, type[Zone] | type[Simulation]] = {"zone": Zone, "whole": Simulation}


@dataclass(frozen=True)
class Timing:
    """What an interval costs.

    Attributes:
        seconds: median wall time of the interval, on one core unless scipy is told otherwise.
        least: the least wall time, which other work on the machine disturbs least.
        steps: time steps in it.
        unknowns: of the model.
        interval: its length in the problem's time.
    """

    seconds: float
    least: float
    steps: int
    unknowns: int
    interval: float


def seconds_per_interval(
    size: str = "medium", model: str = "zone", beta: float = EXPLICIT, steps: int | None = None, repeats: int = 21
) -> Timing:
    """Time the solver over the boundary task's horizon (``size.horizon`` frames).

    Matrices, factorisation, loads and the edge's values are made before the clock starts: only the steps are timed,
    each a product with the stiffness matrix and a solve (a division where the mass is lumped).

    Args:
        size: of the data set.
        model: ``zone``, whose edge is given, or ``whole``, the square that a net's prediction saves solving.
        beta: EXPLICIT or IMPLICIT.
        steps: time steps a frame; as many as explicit steps need to be stable if left out.
        repeats: of the interval, after one that isn't counted.
    """
    if model not in MODELS:
        raise UserError(f"There is no model {model!r} to time: use one of {', '.join(MODELS)}.")
    chosen = sizes.get(size)
    problem = random_problem(chosen, 0)
    solver = MODELS[model](chosen, problem, beta, steps)
    method, random = solver.method, np.random.default_rng(0)
    count, unknowns, fixed = chosen.horizon * solver.steps, solver.system.mass.shape[0], len(solver.system.fixed)
    begin = chosen.first * chosen.interval
    loads = [strengths(problem, begin + n * method.step) @ solver.shapes for n in range(1, count + 1)]
    edges = [State(*random.standard_normal((3, fixed))) if model == "zone" else None for _ in range(count)]
    start = method.start(random.standard_normal(unknowns), random.standard_normal(unknowns), loads[0])
    taken = []
    for _ in range(repeats + 1):
        state, before = start, time.perf_counter()
        for load, edge in zip(loads, edges, strict=True):
            state = method.advance(state, load, edge)
        taken.append(time.perf_counter() - before)
    return Timing(statistics.median(taken[1:]), min(taken[1:]), count, unknowns, chosen.horizon * chosen.interval)
