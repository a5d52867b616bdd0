"""Hypervolume: how much of the space of losses a set of points dominates (Zitzler and Thiele, PPSN 1998)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def hypervolume(losses: np.ndarray, reference: Sequence[float]) -> float:
    """Return the volume that is worse than some point and better than the reference, by slicing along the last axis.

    Args:
        losses: float [n, m], less is better; points that are not better than the reference everywhere count nothing.
        reference: float [m].
    """
    bound = np.asarray(reference, float)
    points = np.asarray(losses, float).reshape(-1, len(bound))
    return _volume(np.unique(points[np.all(points < bound, axis=1)], axis=0), bound)


def _volume(points: np.ndarray, bound: np.ndarray) -> float:
    if not len(points):
        return 0.0
    if len(bound) == 1:
        return float(bound[0] - points.min())
    points = points[np.argsort(points[:, -1], kind="stable")]
    heights = np.append(points[1:, -1], bound[-1]) - points[:, -1]
    return float(sum(heights[i] * _volume(_best(points[: i + 1, :-1]), bound[:-1]) for i in np.flatnonzero(heights)))


def _best(points: np.ndarray) -> np.ndarray:
    """Those that no other one is at least as good as everywhere; of equals one."""
    points = np.unique(points, axis=0)
    worse = np.all(points[:, None] >= points[None], axis=2)
    np.fill_diagonal(worse, False)
    return np.asarray(points[~np.any(worse, axis=1)])
