"""Numbers that know how far they may be from the real one: float64 balls, and rational intervals for the last word.

A segment's formula is written once, with ``+ - * /``, ``sqrt``, ``maximum`` and ``minimum``, and evaluated on either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Protocol, TypeVar

import numpy as np

UNIT = 2.0**-53
"""Largest relative error of one rounded float64 operation."""

Self = TypeVar("Self", bound="Number")


class Number(Protocol):
    """What a formula may do with its operands."""

    def __add__(self: Self, other: Self) -> Self: ...
    def __sub__(self: Self, other: Self) -> Self: ...
    def __mul__(self: Self, other: Self) -> Self: ...
    def __truediv__(self: Self, other: Self) -> Self: ...
    def sqrt(self: Self) -> Self: ...
    def maximum(self: Self, other: Self) -> Self: ...
    def minimum(self: Self, other: Self) -> Self: ...


Lift = Callable[[np.ndarray], Self]
"""Turns a stored parameter (float64 [C], the exact image of what the model holds) into a number."""


@dataclass(frozen=True, eq=False)
class Ball:
    """Every real number within ``radius`` of ``middle``, elementwise (float64 arrays of one shape)."""

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
        return _rounded(self.middle * other.middle, spread)

    def __truediv__(self, other: Ball) -> Ball:
        quotient = self.middle / other.middle
        room = np.abs(other.middle) - other.radius
        spread = np.where(room > 0, (self.radius + np.abs(quotient) * other.radius) / np.maximum(room, 1e-300), np.inf)
        return _rounded(quotient, spread)

    def sqrt(self) -> Ball:
        root = np.sqrt(self.middle)
        # |sqrt(a) - sqrt(b)| = |a - b| / (sqrt(a) + sqrt(b)) <= |a - b| / sqrt(a)
        return _rounded(root, np.where(root > 0, self.radius / np.maximum(root, 1e-300), np.sqrt(self.radius)))

    def maximum(self, other: Ball) -> Ball:
        return Ball(np.maximum(self.middle, other.middle), np.maximum(self.radius, other.radius))

    def minimum(self, other: Ball) -> Ball:
        return Ball(np.minimum(self.middle, other.middle), np.maximum(self.radius, other.radius))


def _rounded(middle: np.ndarray, spread: np.ndarray) -> Ball:
    """A ball for an operation rounded once; the factors cover the rounding of the radius itself and underflow."""
    return Ball(middle, (spread + np.abs(middle) * UNIT) * (1 + 2.0**-48) + 1e-290)


@dataclass(frozen=True)
class Interval:
    """Every real number in [low, high]; rational arithmetic is exact, a square root is enclosed to ``bits`` bits."""

    low: Fraction
    high: Fraction
    bits: int

    @staticmethod
    def exactly(value: Fraction, bits: int) -> Interval:
        return Interval(value, value, bits)

    @property
    def exact(self) -> bool:
        return self.low == self.high

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high, self.bits)

    def __sub__(self, other: Interval) -> Interval:
        return Interval(self.low - other.high, self.high - other.low, self.bits)

    def __mul__(self, other: Interval) -> Interval:
        if self.exact and other.exact:
            return Interval.exactly(self.low * other.low, self.bits)
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends), self.bits)

    def __truediv__(self, other: Interval) -> Interval:
        if other.low <= 0 <= other.high:
            raise ZeroDivisionError("division by an interval that holds zero")
        return self * Interval(1 / other.high, 1 / other.low, self.bits)

    def sqrt(self) -> Interval:
        return Interval(_root(self.low, self.bits)[0], _root(self.high, self.bits)[1], self.bits)

    def maximum(self, other: Interval) -> Interval:
        return Interval(max(self.low, other.low), max(self.high, other.high), self.bits)

    def minimum(self, other: Interval) -> Interval:
        return Interval(min(self.low, other.low), min(self.high, other.high), self.bits)


def _root(value: Fraction, bits: int) -> tuple[Fraction, Fraction]:
    """Bounds of the square root; equal where it is rational."""
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom), Fraction(top, bottom)
    root = isqrt(value.numerator * value.denominator << 2 * bits)  # sqrt(a / b) = sqrt(a * b) / b
    scale = value.denominator << bits
    return Fraction(root, scale), Fraction(root + 1, scale)
