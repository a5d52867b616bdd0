"""From an index to the operators that move a frame so: which element of the source each element of the result is.

Tried in turn: the same order; axis by axis (slices, channel permutations, repeats); digits (the index is affine in the
digits of a mixed-radix number: transposes, pixel shuffles); axis by axis, then a transpose and a
reshape; the same after a permutation of the channels; axis by axis with channels chosen by a matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from codesign.errors import Reject
from codesign.ingest.movement.along_axes import along_axes
from codesign.ingest.movement.digits import by_digits
from codesign.ingest.movement.plan import Plan

Shape = tuple[int, ...]


MANY = 8
"""Operators above which a matrix that chooses channels is preferred."""


def factor(order: np.ndarray, source: Shape) -> Plan:
    """A plan with few operators that makes ``order.shape`` from a frame of the shape ``source``, channels last both.

    Args:
        order: for each element of the result, its place in the flat source.

    Raises:
        Reject: no plan is known.
    """
    plan, chosen = _in_patterns(order, source), Plan(source)
    if (plan is None or len(plan.moves) > MANY) and along_axes(order, chosen, select=True):
        return chosen
    if plan is not None:
        return plan
    raise Reject(
        f"it makes {_show(order.shape)} out of {_show(source)} (channels last) in a way that the graph has no operator "
        "for",
        "move data by slices, transposes, selections of channels, repeats by whole factors, and reshapes only",
    )


def _in_patterns(order: np.ndarray, source: Shape) -> Plan | None:
    """A plan without a matrix, None where none is known."""
    if order.size == prod(source) and np.array_equal(order.reshape(-1), np.arange(order.size)):
        plan = Plan(source)
        plan.reshape(order.shape)
        return plan
    attempts: tuple[Callable[[np.ndarray, Plan], bool], ...] = (along_axes, by_digits, _turned, _unfolded)
    for attempt in attempts:
        if attempt(order, plan := Plan(source)):
            return plan
    channels = source[-1]
    flat = order.reshape(-1)
    used, first = np.unique(flat % channels, return_index=True)
    permutation = np.concatenate([used[np.argsort(first)], np.setdiff1d(np.arange(channels), used)])
    renamed = (flat // channels * channels + np.argsort(permutation)[flat % channels]).reshape(order.shape)
    for attempt in attempts:
        plan = Plan(source)
        plan.shuffle(permutation)
        if attempt(renamed, plan):
            return plan
    return None


def _turned(order: np.ndarray, plan: Plan) -> bool:
    """Axis by axis while the axes are in the source's order; then they change places."""
    moving = []
    for axis in range(order.ndim):
        line = order[tuple(slice(None) if a == axis else 0 for a in range(order.ndim))]
        changes = [bool((c != c[0]).any()) for c in np.unravel_index(line, plan.shape)]
        moving.append(changes.index(True) if any(changes) else -1)
    axes = sorted(range(order.ndim), key=lambda a: moving[a])
    if axes == list(range(order.ndim)) or not along_axes(order.transpose(axes), plan):
        return False
    plan.transpose(tuple(int(a) for a in np.argsort(axes)))
    return True


def _unfolded(order: np.ndarray, plan: Plan) -> bool:
    """Each coordinate of the source follows one digit of the result's index: first digits are axes, then a reshape."""
    strides: dict[int, int] = {}
    for coordinate in np.unravel_index(order.reshape(-1), plan.shape):
        changes = np.flatnonzero(np.diff(coordinate)) + 1
        if len(changes):
            stride = int(np.gcd.reduce(np.append(changes, order.size)))
            if stride in strides:
                return False
            strides[stride] = _period(coordinate[::stride])
    shape: list[int] = []  # from the innermost digit
    done = 1
    for stride, radix in sorted(strides.items()):
        if stride % done:
            return False
        shape += [stride // done, radix]
        done = stride * radix
    if order.size % done:
        return False
    digits = tuple(n for n in (order.size // done, *reversed(shape)) if n > 1)
    if not digits or digits == tuple(n for n in order.shape if n > 1):
        return False
    if not any(attempt(order.reshape(digits), plan) for attempt in (along_axes, _turned)):
        return False
    plan.reshape(order.shape)
    return True


def _period(values: np.ndarray) -> int:
    """The shortest that divides their number."""
    return next(
        n for n in range(1, len(values) + 1)
        if len(values) % n == 0 and (values.reshape(-1, n) == values[:n]).all()
    )  # fmt: skip


def _show(shape: Shape) -> str:
    return "x".join(map(str, shape))
