"""From an index to the operators that move a frame so: which element of the source each element of the result is.

Tried in turn: the same order; axis by axis (slices, channel permutations, repeats); digits (the index is affine in the
digits of a mixed-radix number: transposes, pixel shuffles); axis by axis, then a transpose; the same after a
permutation of the channels.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from codesign.errors import Reject
from codesign.ingest.along_axes import along_axes
from codesign.ingest.digits import by_digits
from codesign.ingest.plan import Plan

Shape = tuple[int, ...]


def factor(order: np.ndarray, source: Shape) -> Plan:
    """A plan with few operators that makes ``order.shape`` from a frame of the shape ``source``, channels last both.

    Args:
        order: for each element of the result, its place in the flat source.

    Raises:
        Reject: no plan is known.
    """
    if order.size == prod(source) and np.array_equal(order.reshape(-1), np.arange(order.size)):
        plan = Plan(source)
        plan.reshape(order.shape)
        return plan
    attempts: tuple[Callable[[np.ndarray, Plan], bool], ...] = (along_axes, by_digits, _turned)
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
    raise Reject(
        f"it makes {_show(order.shape)} out of {_show(source)} (channels last) in a way that the graph has no operator "
        "for",
        "move data by slices, transposes, channel permutations, repeats by whole factors, and reshapes only",
    )


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


def _show(shape: Shape) -> str:
    return "x".join(map(str, shape))
