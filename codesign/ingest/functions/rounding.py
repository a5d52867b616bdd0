"""Rounding modes, each told by where its steps lie.

A rounding mode is a rising staircase. Level k is reached at a boundary, which itself belongs to level k or not.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor

import numpy as np

Boundary = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Levels k (int64) to (twice the boundary of each level (int64), whether the boundary itself is in level k (bool))."""


def _half_even(k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return 2 * k - 1, k % 2 == 0


def _half_away(k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return 2 * k - 1, k > 0


def _half_to_zero(k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return 2 * k - 1, k <= 0


def _floor(k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return 2 * k, np.ones(k.shape, bool)


def _ceil(k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return 2 * k - 2, np.zeros(k.shape, bool)


def _to_zero(k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.where(k > 0, 2 * k, 2 * k - 2), k > 0


def _away(k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.where(k > 0, 2 * k - 2, 2 * k), k <= 0


BOUNDARIES: dict[str, Boundary] = {
    "HALF_EVEN": _half_even,
    "HALF_UP": _half_away,
    "HALF_DOWN": _half_to_zero,
    "FLOOR": _floor,
    "CEIL": _ceil,
    "ROUND_TO_ZERO": _to_zero,
    "UP": _away,
}
"""By the names that QONNX gives them (its HALF_UP and UP go away from zero)."""

SYNONYMS = {"ROUND": "HALF_EVEN", "DOWN": "ROUND_TO_ZERO"}


def reached(value: Fraction, level: int, mode: str) -> bool:
    """Whether ``value`` rounds to ``level`` or more."""
    twice, inclusive = BOUNDARIES[mode](np.array(level))
    boundary = Fraction(int(twice), 2)
    return value > boundary or (value == boundary and bool(inclusive))


def exact_round(value: Fraction, mode: str) -> int:
    """``value`` rounded to an integer."""
    low = floor(value)
    return low + 1 if reached(value, low + 1, mode) else low


def round_quotients(x: np.ndarray, y: np.ndarray, offset: int, mode: str) -> np.ndarray:
    """Return round(x / y + offset) exactly (int64) for float64 arrays of one shape.

    float64 decides where the quotient is clear of every boundary; rational arithmetic does where it is not.
    """
    estimate = x / y + offset
    base = np.floor(estimate).astype(np.int64)
    result = base.copy()
    for step in (0, 1, 2):  # the estimate may lie on the wrong side of an integer, hence three levels and not one
        level = base + step
        twice, inclusive = BOUNDARIES[mode](level)
        gap = estimate - twice / 2
        result = np.where((gap > 0) | ((gap == 0) & inclusive), level, result)
    unsure = np.abs(estimate * 2 - np.rint(estimate * 2)) <= 1e-9 * (1 + np.abs(estimate))
    # Whole quotients are far from a boundary in the modes that round to nearest.
    if mode.startswith("HALF"):
        unsure &= np.rint(estimate * 2) % 2 != 0
    for i in zip(*np.nonzero(unsure), strict=True):
        result[i] = exact_round(Fraction(float(x[i])) / Fraction(float(y[i])) + offset, mode)
    return result
