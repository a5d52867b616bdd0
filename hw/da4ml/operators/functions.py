"""Functions of one integer."""

from __future__ import annotations

from typing import Any

import numpy as np

from codesign.graph import Requantize, Threshold
from codesign.graph.operators.table import Table
from hw.da4ml.integers import at_least, clamp, each, ends, floored, looked_up, narrow
from hw.da4ml.registry import traces


@traces(Requantize)
def requantize(op: Requantize, x: np.ndarray) -> np.ndarray:
    """A look-up table where the input is narrow; else constant multiplication, sum, the bits above the shift, clamp."""
    multiplier, offset = (np.broadcast_to(v, x.shape[-1]) for v in (op.multiplier, op.offset))

    def one(value: Any, channel: int) -> Any:
        m, b = int(multiplier[channel]), int(offset[channel])
        if narrow(value):
            return looked_up(value, lambda v: min(max((v * m + b) >> op.shift, op.low), op.high))
        return clamp(floored(value * m + b, op.shift), op.low, op.high)

    return each(one, x)


@traces(Threshold)
def threshold(op: Threshold, x: np.ndarray) -> np.ndarray:
    """A look-up table where the input is narrow; else a search by halves among the levels."""
    descending = np.broadcast_to(op.descending, x.shape[-1])
    levels = np.broadcast_to(op.thresholds, (x.shape[-1], op.levels))

    def one(value: Any, channel: int) -> Any:
        steps = [int(t) for t in levels[channel]]
        sign, base = (-1, op.low + op.levels) if descending[channel] else (1, op.low)
        if narrow(value):
            return looked_up(value, lambda v: base + sign * sum(v >= t for t in steps))
        return reached(value, steps) * sign + base

    return each(one, x)


def reached(value: Any, steps: list[int]) -> Any:
    """How many of ``steps``, which rise, are at most ``value``: a comparison for each bit of the count.

    What it is compared with comes from a table of the bits found before.
    """
    low, high = ends(value)
    bits = len(steps).bit_length()
    never = [high + 1] * (2**bits - 1 - len(steps))
    levels = [min(max(step, low), high + 1) for step in steps] + never
    count: Any = 0
    for bit in reversed(range(bits)):
        half = 2**bit
        against = looked_up(count, lambda found, half=half: levels[2 * half * found + half - 1])
        count = count * 2 + at_least(value - against)
    return count


@traces(Table)
def table(op: Table, x: np.ndarray) -> np.ndarray:
    """A look-up table; da4ml's ranges may be wider than the proven ones, and what is beyond these never comes."""
    rows = np.broadcast_to(op.values, (len(op.first), op.values.shape[1]))
    last = op.values.shape[1] - 1
    return each(lambda value, c: looked_up(value, lambda v: int(rows[c][min(max(v - op.first[c], 0), last)])), x)
