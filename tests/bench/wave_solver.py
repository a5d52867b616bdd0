"""Waves by finite elements: orders of convergence, error of the data, wall time of the solver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from quant.data.wave import sizes
from quant.data.wave.convergence import SOLUTIONS, order_in_space, order_in_time
from quant.data.wave.newmark import EXPLICIT, IMPLICIT
from quant.data.wave.problems import random_problem
from quant.data.wave.simulate import Simulation
from quant.data.wave.tasks import load, relative_error
from quant.data.wave.timing import seconds_per_interval
from quant.data.wave.zone import zone_errors
from tests.bench.figures import Figure

SIZE = "medium"
WITHIN = 0.2
SCHEMES = (("explicit", EXPLICIT, None), ("implicit", IMPLICIT, 1), ("implicit", IMPLICIT, 4))


def measure() -> Iterator[Figure]:
    """Orders against theory, the data against a mesh twice as fine, and the solver on the zone and on the square."""
    yield from _orders()
    yield from _data()
    yield from _submodel()
    for model in ("zone", "whole"):
        for scheme, beta, steps in SCHEMES:
            timing = seconds_per_interval(SIZE, model, beta, steps)
            what = f"{model}, {timing.unknowns} unknowns, {timing.interval:g} in {timing.steps} {scheme} steps"
            yield Figure(f"{what}, median", timing.seconds * 1e3, "ms", "measured")
            yield Figure(f"{what}, least", timing.least * 1e3, "ms", "measured")


def _orders() -> Iterator[Figure]:
    forms = (("linear", 1, IMPLICIT, (16, 32, 64)), ("linear, lumped", 1, EXPLICIT, (16, 32, 64)),
             ("quadratic", 2, IMPLICIT, (4, 8, 16, 32)))  # fmt: skip
    for name in ("dirichlet", "neumann"):
        for form, degree, beta, cells in forms:
            found, theory = order_in_space(SOLUTIONS[name], cells, degree, beta), degree + 1
            yield Figure(f"order in h, {form}, {name}", found, "", "measured", theory + WITHIN, theory - WITHIN)
        found = order_in_time(SOLUTIONS[name], (6, 12, 24))
        yield Figure(f"order in the time step, {name}", found, "", "measured", 2 + WITHIN, 2 - WITHIN)


def _data() -> Iterator[Figure]:
    """On the nets' grid, whose points are nodes of both meshes; all frames of the first problems."""
    coarse = sizes.get(SIZE)
    fine = replace(coarse, cells=2 * coarse.cells)
    problems = [random_problem(coarse, number) for number in range(4)]
    fields = [np.stack([Simulation(size, problem).fields() for problem in problems]) for size in (coarse, fine)]
    error = 100 * relative_error(*fields)
    yield Figure(f"fields of {coarse.name} against a mesh twice as fine", error, "%", "measured", at_most=5)


def _submodel() -> Iterator[Figure]:
    """With true values at the ring's points: what no prediction can be better than; every tenth test sample."""
    task = load("boundary", SIZE)
    samples = task.test[::10]
    for scheme, beta, steps in SCHEMES:
        error = 100 * zone_errors(task, samples, task.y[samples], beta, steps).relative
        count = task.size.horizon * (steps or task.size.steps)
        yield Figure(f"zone, true values on the ring, {count} {scheme} steps, error", error, "%", "measured")
    for name, value in task.baselines.items():
        yield Figure(f"boundary task, {name} of the past fields, error", 100 * value, "%", "measured")
    for name, value in load("rollout", SIZE).baselines.items():
        yield Figure(f"rollout task, {name} of the past fields, error", 100 * value, "%", "measured")
