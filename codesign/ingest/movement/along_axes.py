"""An index that is one function of the source's coordinate along each axis: slices, permutations, repeats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.ingest.movement.plan import Plan

LARGEST_PIECES = 16
"""Slices that one axis may be put together from."""


@dataclass(frozen=True, eq=False)
class _Axis:
    """What one axis of the source becomes.

    Attributes:
        coordinates: int64 [n].
        times: each is repeated so often.
        cut: what is kept of them after that; None: all.
    """

    coordinates: np.ndarray
    times: int
    cut: range | None = None

    @property
    def range(self) -> range | None:
        """The coordinates as a rising range, or None."""
        return _range(self.coordinates)


def along_axes(order: np.ndarray, plan: Plan, select: bool = False) -> bool:
    """Append to ``plan`` what makes ``order`` (as in ``factor``); False where it is not of this form.

    Axes of length 1 may come and go; others keep their order. With ``select``, channels that repeat without a pattern
    are chosen by a matrix.
    """
    lines = _lines(order)
    if lines is None:
        return False
    source = plan.shape
    axes: dict[int, _Axis] = {}
    inserted: list[int] = []  # repeated axes of the result that have none in the source
    start = np.unravel_index(int(order.reshape(-1)[0]), source)
    for out, line in enumerate(lines):
        coordinates = np.stack(np.unravel_index(line, source))
        moving = np.flatnonzero((coordinates != coordinates[:, :1]).any(1))
        if len(moving) > 1 or (len(moving) and axes and moving[0] <= max(axes)):
            return False
        if len(moving):
            axes[int(moving[0])] = _repeated(coordinates[moving[0]])
        elif len(line) > 1:
            inserted.append(out)
    for axis in range(len(source)):
        axes.setdefault(axis, _Axis(np.array([start[axis]]), 1))
    if not _emit([axes[a] for a in range(len(source))], plan, select):
        return False
    plan.reshape(tuple(1 if out in inserted else n for out, n in enumerate(order.shape)))
    plan.expand(order.shape)
    return True


def _lines(order: np.ndarray) -> list[np.ndarray] | None:
    """The index along each axis through the first element, if it is a sum of such lines."""
    first = int(order.reshape(-1)[0])
    lines: list[np.ndarray] = []
    total = np.full((1,) * order.ndim, first)
    for axis in range(order.ndim):
        line = order[tuple(slice(None) if a == axis else 0 for a in range(order.ndim))]
        lines.append(line)
        total = total + (line - first).reshape([-1 if a == axis else 1 for a in range(order.ndim)])
    return lines if np.array_equal(np.broadcast_to(total, order.shape), order) else None


def _repeated(coordinates: np.ndarray) -> _Axis:
    """Take apart what is repeated equally often everywhere, but perhaps less at the ends."""
    ends = np.flatnonzero(np.diff(coordinates, append=coordinates[-1] - 1)) + 1
    runs = np.diff(ends, prepend=0)
    times = int(runs.max())
    if (runs[1:-1] == times).all():
        first = times - int(runs[0])
        cut = None if (runs == times).all() else range(first, first + len(coordinates))
        return _Axis(coordinates[ends - 1], times, cut)
    times = int(np.gcd.reduce(runs))
    return _Axis(coordinates[::times], times)


def _range(values: np.ndarray) -> range | None:
    step = int(values[1] - values[0]) if len(values) > 1 else 1
    if step < 1 or (np.diff(values) != step).any():
        return None
    return range(int(values[0]), int(values[-1]) + 1, step)


def _emit(axes: list[_Axis], plan: Plan, select: bool) -> bool:
    channels = axes[-1]
    distinct = np.unique(channels.coordinates)
    one_to_one = len(distinct) == len(channels.coordinates)
    chosen = _range(distinct) if one_to_one else range(plan.shape[-1])
    if chosen is None:  # channels without a pattern: bring them to the front
        rest = np.setdiff1d(np.arange(plan.shape[-1]), distinct)
        plan.shuffle(np.concatenate([channels.coordinates, rest]))
        chosen = range(len(distinct))
        channels = _Axis(np.arange(len(distinct)), channels.times)
    broken = [i for i, axis in enumerate(axes[:-1]) if axis.range is None]
    parts = {i: _pieces(axes[i].coordinates) for i in broken}
    selected = select and not one_to_one
    if not one_to_one and not selected:
        parts[len(axes) - 1] = _pieces(channels.coordinates)
    if any(len(p) > LARGEST_PIECES or (i == len(axes) - 1 and _upsampled(p)) for i, p in parts.items()):
        return False
    whole = [range(n) for n in plan.shape[:-1]]
    plan.slice([*(axis.range or w for axis, w in zip(axes[:-1], whole, strict=True)), chosen])
    for axis, ranges in parts.items():
        plan.pieces(axis, ranges)
    if selected:
        plan.select(channels.coordinates)
    if one_to_one:
        plan.shuffle(np.searchsorted(np.array(chosen), channels.coordinates))
    plan.upsample(tuple(axis.times for axis in axes[:-1]))
    if channels.times > 1:
        shape = plan.shape
        plan.reshape((*shape, 1))
        plan.expand((*shape, channels.times))
        plan.reshape((*shape[:-1], shape[-1] * channels.times))
    plan.slice([axis.cut or range(n) for axis, n in zip(axes, plan.shape, strict=True)])
    return True


def _upsampled(parts: list[tuple[range, int]]) -> bool:
    """Whether a piece repeats several positions; channels cannot be repeated so."""
    return any(len(part) > 1 and times > 1 for part, times in parts)


def _pieces(coordinates: np.ndarray) -> list[tuple[range, int]]:
    """The coordinates as rising ranges one after the other, each with how often its positions are repeated."""
    pieces: list[tuple[range, int]] = []
    i = 0
    while i < len(coordinates) and len(pieces) <= LARGEST_PIECES:
        first = int(coordinates[i])
        if i + 1 < len(coordinates) and coordinates[i + 1] == first:
            end = i + 1
            while end < len(coordinates) and coordinates[end] == first:
                end += 1
            pieces.append((range(first, first + 1), end - i))
        else:
            step = int(coordinates[i + 1]) - first if i + 1 < len(coordinates) else 1
            end = i + 1
            while step > 0 and end < len(coordinates) and coordinates[end] - coordinates[end - 1] == step:
                end += 1
            pieces.append((range(first, int(coordinates[end - 1]) + 1, max(step, 1)), 1))
        i = end
    return pieces
