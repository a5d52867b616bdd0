"""Rational intervals: exact where a formula is rational, as tight as asked for where it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, isqrt

from codesign.errors import Reject
from codesign.ingest.numbers import enclosure


@dataclass(frozen=True)
class Interval:
    """Every real number in [low, high]; rational arithmetic is exact, other functions are enclosed to ``bits`` bits."""

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
        if other.low == other.high == 0:
            raise Reject("divides by zero", "keep the divisor away from zero")
        if other.low <= 0 <= other.high:
            raise ZeroDivisionError("division by an interval that holds zero")
        return self * Interval(1 / other.high, 1 / other.low, self.bits)

    def maximum(self, other: Interval) -> Interval:
        return Interval(max(self.low, other.low), max(self.high, other.high), self.bits)

    def minimum(self, other: Interval) -> Interval:
        return Interval(min(self.low, other.low), min(self.high, other.high), self.bits)

    def absolute(self) -> Interval:
        low, high = sorted((abs(self.low), abs(self.high)))
        return Interval(Fraction(0) if self.low < 0 < self.high else low, high, self.bits)

    def sign(self) -> Interval:
        return self._stepped(lambda v: (v > 0) - (v < 0))

    def floor(self) -> Interval:
        return self._stepped(floor)

    def ceil(self) -> Interval:
        return self._stepped(ceil)

    def round(self) -> Interval:
        return self._stepped(round)  # Python rounds a Fraction half to even

    def sqrt(self) -> Interval:
        return self._rising(_root)

    def exp(self) -> Interval:
        return self._rising(enclosure.exp)

    def log(self) -> Interval:
        return self._rising(enclosure.log)

    def sigmoid(self) -> Interval:
        return self._rising(enclosure.sigmoid)

    def tanh(self) -> Interval:
        return self._rising(enclosure.tanh)

    def softplus(self) -> Interval:
        return self._rising(enclosure.softplus)

    def erf(self) -> Interval:
        return self._rising(enclosure.erf)

    def erfc(self) -> Interval:
        return Interval(enclosure.erfc(self.high, self.bits)[0], enclosure.erfc(self.low, self.bits)[1], self.bits)

    def _stepped(self, function: Callable[[Fraction], int]) -> Interval:
        """A rising function to the integers."""
        return Interval(Fraction(function(self.low)), Fraction(function(self.high)), self.bits)

    def _rising(self, function: Callable[[Fraction, int], tuple[Fraction, Fraction]]) -> Interval:
        low, high = function(self.low, self.bits)
        return Interval(low, high if self.exact else function(self.high, self.bits)[1], self.bits)


def _root(value: Fraction, bits: int) -> tuple[Fraction, Fraction]:
    """Bounds of the square root; equal where it is rational."""
    if value < 0:
        raise Reject(f"takes the square root of {float(value):.6g}", "put a Relu before it")
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom), Fraction(top, bottom)
    root = isqrt(value.numerator * value.denominator << 2 * bits)  # sqrt(a / b) = sqrt(a * b) / b
    scale = value.denominator << bits
    return Fraction(root, scale), Fraction(root + 1, scale)
