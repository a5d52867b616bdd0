"""What each axis matters to a figure: the share of its variance that the axis explains by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import isfinite, log

from codesign.sweep.point import Row, Value

BINS = 8
"""Groups of equal size that a numeric axis with more values than that is divided into."""
SPAN = 10
"""A positive figure whose largest value is more than this many times its smallest is looked at in its logarithm."""
FEWEST = 10
"""Points below which nothing is said."""


def matters(rows: Sequence[Row], axes: Sequence[str], name: str) -> dict[str, float] | None:
    """Return each axis's share of the variance of figure ``name``, in 0..1; None where too few points have it.

    The share is Hays' omega squared (W. L. Hays, Statistics, 1963): the variance between the groups of equal values
    of the axis, less what groups of that size would show by chance, over the whole variance. Where the axes were drawn
    independently it estimates the first-order Sobol' index, which is also what Optuna's fANOVA fits a forest for; what
    axes do only together is in none of them, so that the shares may sum to less than 1.
    """
    chosen = [row for row in rows if isfinite(row.figures.get(name, float("nan")))]
    values = [float(row.figures[name]) for row in chosen]
    if len(values) < FEWEST or len(set(values)) < 2:
        return None
    if min(values) > 0 and max(values) > SPAN * min(values):
        values = [log(value) for value in values]
    return {axis: omega_squared([row.point.get(axis, "") for row in chosen], values) for axis in axes}


def omega_squared(groups: Sequence[Value], values: Sequence[float]) -> float:
    """Return the share of the variance of ``values`` between ``groups``, corrected for chance; never below 0."""
    members: dict[Value, list[float]] = defaultdict(list)
    for group, value in zip(_binned(groups), values, strict=True):
        members[group].append(value)
    count, kinds = len(values), len(members)
    if kinds < 2 or count <= kinds:
        return 0.0
    mean = sum(values) / count
    total = sum((value - mean) ** 2 for value in values)
    between = sum(len(m) * (sum(m) / len(m) - mean) ** 2 for m in members.values())
    within = max(0.0, total - between) / (count - kinds)
    return max(0.0, (between - (kinds - 1) * within) / (total + within))


def _binned(groups: Sequence[Value]) -> Sequence[Value]:
    """Return ``groups``, those of many numbers replaced by the number of their bin."""
    distinct = sorted({g for g in groups if not isinstance(g, str)})
    if len(distinct) <= BINS or any(isinstance(g, str) for g in groups):
        return groups
    order = sorted(g for g in groups if not isinstance(g, str))
    edges = [order[len(order) * k // BINS] for k in range(1, BINS)]
    return [sum(group >= edge for edge in edges) for group in groups if not isinstance(group, str)]
