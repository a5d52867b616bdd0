"""float64 balls: a number and a proven bound of how far the real one may be. They may be wide: every function is
enclosed over the whole ball."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

UNIT = 2.0**-53
"""Largest relative error of one rounded float64 operation."""
LIBRARY = 32 * UNIT
"""Bound of the relative error of a library function: 16 units in the last place. The GNU C library's manual states at
most 5 for those used here, NumPy's vector kernels at most 4; the functions made of two of them stay below 12."""
TINY = 1e-290
"""Added to every radius: below it, rounding is no longer relative."""


@dataclass(frozen=True, eq=False)
class Ball:
    """Every real number within ``radius`` of ``middle``, elementwise (float64 arrays of one shape).

    A radius that is infinite or no number: nothing is known.
    """

    middle: np.ndarray
    radius: np.ndarray

    @staticmethod
    def exactly(value: np.ndarray) -> Ball:
        return Ball(value, np.zeros(np.shape(value)))

    @staticmethod
    def nearest(values: list[Fraction]) -> Ball:
        """The float64 nearest to each of ``values``."""
        middle = np.array([float(v) for v in values])
        return _rounded(middle, np.zeros(middle.shape))

    def __add__(self, other: Ball) -> Ball:
        return _rounded(self.middle + other.middle, self.radius + other.radius)

    def __sub__(self, other: Ball) -> Ball:
        return _rounded(self.middle - other.middle, self.radius + other.radius)

    def __mul__(self, other: Ball) -> Ball:
        spread = np.abs(self.middle) * other.radius + self.radius * (np.abs(other.middle) + other.radius)
        return _zero_stays(_rounded(self.middle * other.middle, spread), self._is_zero() | other._is_zero())

    def __truediv__(self, other: Ball) -> Ball:
        quotient = self.middle / other.middle
        room = np.abs(other.middle) - other.radius
        spread = np.where(room > 0, (self.radius + np.abs(quotient) * other.radius) / np.maximum(room, 1e-300), np.inf)
        return _zero_stays(_rounded(quotient, spread), self._is_zero() & (room > 0))

    def maximum(self, other: Ball) -> Ball:
        return self._chosen(other, np.maximum(self.middle, other.middle), self.middle - other.middle)

    def minimum(self, other: Ball) -> Ball:
        return self._chosen(other, np.minimum(self.middle, other.middle), other.middle - self.middle)

    def _chosen(self, other: Ball, middle: np.ndarray, ahead: np.ndarray) -> Ball:
        """One of the two where they lie apart, else what holds both."""
        apart = np.abs(ahead) > (self.radius + other.radius) * (1 + 1e-12)
        radius = np.where(ahead > 0, self.radius, other.radius)
        return Ball(middle, np.where(apart, radius, np.maximum(self.radius, other.radius)))

    def absolute(self) -> Ball:
        return Ball(np.abs(self.middle), self.radius)

    def sign(self) -> Ball:
        return self._stepped(np.sign)

    def floor(self) -> Ball:
        return self._stepped(np.floor)

    def ceil(self) -> Ball:
        return self._stepped(np.ceil)

    def round(self) -> Ball:
        return self._stepped(np.rint)

    def sqrt(self) -> Ball:
        root = np.sqrt(self.middle)
        # |sqrt(a) - sqrt(b)| = |a - b| / (sqrt(a) + sqrt(b)) <= |a - b| / sqrt(a)
        spread = np.where(root > 0, self.radius / np.maximum(root, 1e-300), np.sqrt(self.radius))
        return _rounded(root, np.where(self.middle >= self.radius, spread, np.inf))

    def exp(self) -> Ball:
        return self._rising(np.exp)

    def log(self) -> Ball:
        return self._rising(np.log)  # whose value at or below zero makes the radius infinite, or no number

    def sigmoid(self) -> Ball:
        return self._rising(_sigmoid)

    def tanh(self) -> Ball:
        return self._rising(np.tanh)

    def softplus(self) -> Ball:
        return self._rising(_softplus)

    def erf(self) -> Ball:
        return self._rising(_erf)

    def erfc(self) -> Ball:
        return self._rising(_erfc)

    def _is_zero(self) -> np.ndarray:
        return np.asarray((self.middle == 0) & (self.radius == 0))

    def _reach(self) -> np.ndarray:
        """The radius, and what rounding ``middle - reach`` or ``middle + reach`` may take from it; 0 stays 0."""
        return np.where(self.radius > 0, self.radius * (1 + 2.0**-48) + np.abs(self.middle) * 2 * UNIT, self.radius)

    def _stepped(self, function: Callable[[np.ndarray], np.ndarray]) -> Ball:
        """A rising function to the integers, which float64 computes without error."""
        reach = self._reach()
        low, high = function(self.middle - reach), function(self.middle + reach)
        return Ball((low + high) / 2, (high - low) / 2)

    def _rising(self, function: Callable[[np.ndarray], np.ndarray]) -> Ball:
        """A monotone library function: the values at both ends bound all others."""
        reach = self._reach()
        middle, low, high = function(self.middle), function(self.middle - reach), function(self.middle + reach)
        spread = np.maximum(np.abs(high - middle), np.abs(middle - low))
        largest = np.maximum(np.maximum(np.abs(low), np.abs(high)), np.abs(middle))
        return Ball(middle, spread * (1 + 2.0**-48) + 2 * LIBRARY * largest + TINY)


def _rounded(middle: np.ndarray, spread: np.ndarray) -> Ball:
    """A ball for an operation rounded once; the factors cover the rounding of the radius itself and underflow."""
    return Ball(middle, (spread + np.abs(middle) * UNIT) * (1 + 2.0**-48) + TINY)


def _zero_stays(ball: Ball, zero: np.ndarray) -> Ball:
    """Zero times anything is zero, and no rounding takes part."""
    return Ball(np.where(zero, 0.0, ball.middle), np.where(zero, 0.0, ball.radius)) if zero.any() else ball


def _sigmoid(x: np.ndarray) -> np.ndarray:
    power = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1.0, power) / (1 + power))


def _softplus(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


def _erf(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.frompyfunc(math.erf, 1, 1)(x), np.float64)


def _erfc(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.frompyfunc(math.erfc, 1, 1)(x), np.float64)
