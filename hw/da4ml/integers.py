"""Exact functions of da4ml's symbolic integers, each of which knows its range and step; plain numbers are taken too."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from math import floor
from typing import Any

import numpy as np

from codesign.graph import bits_for

TABLE_BITS = 6
"""Inputs up to this wide go through a look-up table: an output bit is then one LUT6."""


def each(function: Callable[[Any, int], Any], x: np.ndarray) -> np.ndarray:
    """Return ``function(integer, channel)`` of every integer of a frame, channels last."""
    made = np.empty(x.shape, object)
    for index in np.ndindex(x.shape):
        made[index] = function(x[index], index[-1])
    return made


def ends(value: Any) -> tuple[int, int]:
    """Smallest and largest of a symbolic integer, or of a number."""
    return int(getattr(value, "low", value)), int(getattr(value, "high", value))


def narrow(value: Any) -> bool:
    """Whether a look-up table is the cheapest form of a function of it."""
    low, high = ends(value)
    return high - low < 2**TABLE_BITS


def looked_up(value: Any, function: Any) -> Any:
    """``function`` of each integer that ``value`` can be, in a table."""
    low, high = ends(value)
    step = int(getattr(value, "step", 1)) if high > low else 1
    made = [function(v) for v in range(low, high + 1, step)]
    if min(made) == max(made):
        return made[0]
    return value.lookup(np.array(made, np.float64))


def floored(value: Any, shift: int) -> Any:
    """``value >> shift``, rounding down."""
    if not hasattr(value, "quantize"):
        return int(value) >> shift
    scaled = value * 2.0**-shift
    if scaled.step >= 1:
        return scaled
    low, high = floor(scaled.low), floor(scaled.high)
    if low == high:
        return low
    bits, signed = bits_for(low, high)
    return scaled.quantize(int(signed), bits - signed, 0, "WRAP", "TRN")


def clamp(value: Any, low: int, high: int) -> Any:
    """``value`` within [low, high]."""
    if not hasattr(value, "max_of"):
        return min(max(int(value), low), high)
    return smallest(largest(value, low), high)


def largest(a: Any, b: Any) -> Any:
    """The larger of two."""
    if hasattr(a, "max_of"):
        return a.max_of(b)
    return b.max_of(a) if hasattr(b, "max_of") else max(a, b)


def smallest(a: Any, b: Any) -> Any:
    """The smaller of two."""
    if hasattr(a, "min_of"):
        return a.min_of(b)
    return b.min_of(a) if hasattr(b, "min_of") else min(a, b)


def at_least(value: Any) -> Any:
    """1 where ``value >= 0``, else 0."""
    low, high = ends(value)
    if low >= 0 or high < 0:
        return int(low >= 0)
    return value.is_negative() * -1 + 1


def tree(function: Any, values: list[Any]) -> Any:
    """Combine ``values`` pair by pair, so that the longest path is short."""
    while len(values) > 1:
        values = [reduce(function, values[i : i + 2]) for i in range(0, len(values), 2)]
    return values[0]
