"""The smallest exact requantizer for a staircase: ``clamp((x * M + B) >> n)``.

Output v or more from z = t on means M t + B >= v 2**n; less than v at t - 1 means M (t - 1) + B < v 2**n. A line of
slope M / 2**n must separate the two sets of points, so an integer M fits at shift n exactly where M / 2**n lies in one
open interval of slopes, whose ends are rational and are found exactly; B then exists and is an integer.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np

from codesign.ingest.functions.staircase import Staircase

LARGEST_SHIFT = 60
BIG = 2**61
"""Stands for a point that does not count: beyond v * q - p * z of any, small enough that a difference fits int64."""


@dataclass(frozen=True, eq=False)
class Line:
    """An exact requantizer: multiplier, offset int64 [C], one shift, and the clamp."""

    multiplier: np.ndarray
    offset: np.ndarray
    shift: int
    low: int
    high: int


@dataclass(frozen=True, eq=False)
class _Points:
    """Points (z, v) of each channel, int64 [C, K]; ``valid`` tells which count."""

    z: np.ndarray
    v: np.ndarray
    valid: np.ndarray


def fit(stairs: Staircase) -> Line | None:
    """The requantizer with the smallest shift for all channels, or None where no slope fits some channel."""
    first, last = stairs.at_ends()
    low, high = int(first.min()), int(last.max())
    previous = np.concatenate([[stairs.base], stairs.values])[:-1]
    live, shape = stairs.live, stairs.steps.shape
    # The line must reach these points (at least v there) ...
    floor_points = _Points(
        np.column_stack([stairs.steps, stairs.low]),
        np.column_stack([np.broadcast_to(stairs.values, shape), first]),
        np.column_stack([live, first > low]),
    )
    # ... and stay below these. The ends count only where the clamp does not do it.
    roof_points = _Points(
        np.column_stack([stairs.before, stairs.high]),
        np.column_stack([np.broadcast_to(previous + 1, shape), last + 1]),
        np.column_stack([live, last < high]),
    )
    above, below = _slope_end(floor_points, roof_points, -1), _slope_end(floor_points, roof_points, 1)
    if above is None or below is None:
        return None
    slopes = list(zip(above, below, strict=True))
    shift = _shift(slopes)
    if shift is None:
        return None
    sign = np.where(stairs.descending, -1, 1)
    multipliers = [_multiplier(a, b, shift) or 0 for a, b in slopes]
    offsets = [_offset(floor_points, roof_points, c, m, shift) for c, m in enumerate(multipliers)]
    if max(map(abs, [*multipliers, *offsets])) >= 2**62:
        return None
    return Line(np.array(multipliers, np.int64) * sign, np.array(offsets, np.int64), shift, low, high)


def _slope_end(floors: _Points, roofs: _Points, side: int) -> list[Fraction | None] | None:
    """The upper (side 1) or lower (side -1) end of each channel's open interval of slopes; None: no slope fits.

    Newton's iteration on the concave gap between the lines that touch the two sets; exact, in fractions p / q.
    """
    channels = np.arange(len(floors.z))
    p, q = np.full(len(channels), side), np.zeros(len(channels), np.int64)
    unbounded, done = np.zeros(len(channels), bool), np.zeros(len(channels), bool)
    while not done.all():
        lowest = np.where(floors.valid, floors.v * q[:, None] - p[:, None] * floors.z, -BIG)
        highest = np.where(roofs.valid, roofs.v * q[:, None] - p[:, None] * roofs.z, BIG)
        i, j = lowest.argmax(1), highest.argmin(1)
        gap = highest[channels, j] - lowest[channels, i]
        unbounded |= (gap >= 0) & (q == 0)
        done |= gap >= 0
        run = roofs.z[channels, j] - floors.z[channels, i]
        rise = roofs.v[channels, j] - floors.v[channels, i]
        if (~done & (run * side <= 0)).any():
            return None
        p, q = np.where(done, p, np.sign(run) * rise), np.where(done, q, np.abs(run))
    return [None if u else Fraction(int(a), int(b)) for u, a, b in zip(unbounded, p, q, strict=True)]


def _multiplier(above: Fraction | None, below: Fraction | None, shift: int) -> int | None:
    """The integer nearest to zero in the open interval of slopes times 2**shift, or None."""
    low = None if above is None else floor(above * 2**shift) + 1
    high = None if below is None else -floor(-below * 2**shift) - 1
    if low is not None and high is not None and low > high:
        return None
    if low is not None and low > 0:
        return low
    return high if high is not None and high < 0 else 0


def _shift(slopes: list[tuple[Fraction | None, Fraction | None]]) -> int | None:
    """The smallest shift that serves every channel: what serves at n serves above n too."""
    shift = 0
    for above, below in slopes:
        while _multiplier(above, below, shift) is None:
            shift += 1
            if shift > LARGEST_SHIFT:
                return None
    return shift


def _offset(floors: _Points, roofs: _Points, channel: int, multiplier: int, shift: int) -> int:
    """The offset nearest to zero that fits this multiplier."""
    lowest = max(_needed_offsets(floors, channel, multiplier, shift), default=0)
    highest = min(_needed_offsets(roofs, channel, multiplier, shift), default=1) - 1
    return lowest if lowest > 0 else min(highest, 0)


def _needed_offsets(points: _Points, channel: int, multiplier: int, shift: int) -> list[int]:
    """The offset that puts the line exactly through each point, in big integers."""
    valid = points.valid[channel]
    pairs = zip(points.z[channel][valid].tolist(), points.v[channel][valid].tolist(), strict=True)
    return [(v << shift) - multiplier * z for z, v in pairs]
