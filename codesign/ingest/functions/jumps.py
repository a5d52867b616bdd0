"""Near ties of functions that jump: a float run may fall on the other side of a jump, far from a rounding boundary."""

from __future__ import annotations

import numpy as np

from codesign.ingest.functions.function import Function
from codesign.ingest.functions.staircase import levels_between
from codesign.ingest.report import NearTie

FLOAT32, FLOAT64 = 2.0**-21, 2.0**-50
"""What rounding may take from the argument of a jump, relative to the largest accumulator: 8 units each.

Sums that cancel to zero are off by units of what was summed.
"""
LIKELY = 1e-6
"""The distance told of a tie at which only a float32 run may fall otherwise."""


def ties(function: Function, accumulator: np.ndarray, channel: np.ndarray, largest: np.ndarray) -> tuple[NearTie, ...]:
    """Those of the accumulators beside a change of the output (int64 [K] each) at which rounding may cross a jump.

    Args:
        largest: absolute value of an accumulator of each channel, [C].
    """
    found: dict[tuple[int, int], float] = {}
    if not len(accumulator):
        return ()
    for error, distance in ((FLOAT32, LIKELY), (FLOAT64, 0.0)):
        y = function.blurred(accumulator, channel, error * largest[channel].astype(np.float64))
        with np.errstate(invalid="ignore"):
            low, high = y.middle - y.radius, y.middle + y.radius
        boundary = levels_between(function, low, high)[1] / 2
        crossed = np.searchsorted(boundary, low, "left") != np.searchsorted(boundary, high, "right")
        rows = zip(channel[crossed].tolist(), accumulator[crossed].tolist(), strict=True)
        found |= dict.fromkeys(rows, distance)
    return tuple(NearTie(c, z, z, distance) for (c, z), distance in sorted(found.items()))
