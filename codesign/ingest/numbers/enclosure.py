"""Rational bounds of transcendental functions: (low, high), at most about 2**-bits of the value apart.

Every bound is made of sums of positive terms in integers, rounded down for ``low`` and up for ``high``; what a series
leaves out is added to ``high``. Integer variables below stand for themselves divided by 2**p.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import isqrt

from codesign.errors import Reject

Bounds = tuple[Fraction, Fraction]
EXPONENT = 2**20
"""exp is bounded tightly where it lies in 2**-EXPONENT to 2**EXPONENT."""


def _up(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


def _fixed(value: Fraction, p: int) -> tuple[int, int]:
    scaled = value.numerator << p
    return scaled // value.denominator, _up(scaled, value.denominator)


def _atanh(t: Fraction, bits: int) -> Bounds:
    """atanh of 0 < t <= 1/2: the sum of t**(2i+1) / (2i+1)."""
    p = bits + 16 + max(t.denominator.bit_length() - t.numerator.bit_length(), 0)
    low, high = _fixed(t, p)
    square_low, square_high = low * low >> p, _up(high * high, 1 << p)
    sum_low = sum_high = 0
    odd = 1
    while high > 2:
        sum_low, sum_high = sum_low + low // odd, sum_high + _up(high, odd)
        low, high, odd = low * square_low >> p, _up(high * square_high, 1 << p), odd + 2
    # The rest is below high * (1 + 1/4 + 1/16 + ...) < 2 * high.
    return Fraction(sum_low, 1 << p), Fraction(sum_high + 2 * high, 1 << p)


@lru_cache(maxsize=64)
def _log2(bits: int) -> Bounds:
    """The natural logarithm of 2."""
    low, high = _atanh(Fraction(1, 3), bits)
    return 2 * low, 2 * high


def exp(value: Fraction, bits: int) -> Bounds:
    """e**value. Raises Reject above 2**EXPONENT; below 2**-EXPONENT ``low`` is 0."""
    if not value:
        return Fraction(1), Fraction(1)
    k = int(value * 1024 // 710)  # 710 / 1024 is a little above log(2): k and the rest have the sign of the value
    if k > EXPONENT:
        raise Reject(f"takes the exponential of {float(value):.6g}", "clip or quantize what stands before it")
    if k < -EXPONENT:
        return Fraction(0), Fraction(1, 1 << EXPONENT)
    p = bits + 32
    two = _log2(p + abs(k).bit_length())
    rest = [value - k * end for end in two]
    while max(rest) >= 1:  # 710 / 1024 is not log(2): a large k leaves more than one step
        more = max(int(min(rest) * 1024 // 710), 1)
        k, rest = k + more, [r - more * end for r, end in zip(rest, two, strict=True)]
    while min(rest) < 0:
        k, rest = k - 1, [r + end for r, end in zip(rest, two, strict=True)]
    r_low, r_high = _fixed(min(rest), p)[0], _fixed(max(rest), p)[1]
    term_low = term_high = 1 << p
    sum_low = sum_high = index = 0
    while term_high > 2 or index < 4:
        sum_low, sum_high, index = sum_low + term_low, sum_high + term_high, index + 1
        term_low, term_high = (term_low * r_low >> p) // index, _up(_up(term_high * r_high, 1 << p), index)
    # r < 2 and index >= 4: every term left is at most half of the one before it.
    scale = Fraction(1 << k) if k >= 0 else Fraction(1, 1 << -k)
    return Fraction(sum_low, 1 << p) * scale, Fraction(sum_high + 2 * term_high, 1 << p) * scale


def log(value: Fraction, bits: int) -> Bounds:
    """The natural logarithm. Raises Reject where the value is not positive."""
    if value <= 0:
        raise Reject(f"takes the logarithm of {float(value):.6g}", "add a Relu and a constant before it")
    k = value.numerator.bit_length() - value.denominator.bit_length()
    part = value / 2**k if k >= 0 else value * 2**-k
    if part > Fraction(4, 3):
        k, part = k + 1, part / 2
    elif part < Fraction(2, 3):
        k, part = k - 1, part * 2
    t = (part - 1) / (part + 1)  # log(part) = 2 atanh(t), |t| <= 1/5
    low, high = _atanh(abs(t), bits) if t else (t, t)
    if t < 0:
        low, high = -high, -low
    two = _log2(bits + abs(k).bit_length() + 2) if k else (Fraction(0), Fraction(0))
    ends = [k * end for end in two]
    return 2 * low + min(ends), 2 * high + max(ends)


@lru_cache(maxsize=16)
def _root_of_pi(bits: int) -> Bounds:
    """The square root of pi = 16 atan(1/5) - 4 atan(1/239)."""
    p = 2 * bits + 32

    def atan(inverse: int) -> Bounds:
        total, power, odd, sign = 0, (1 << p) // inverse, 1, 1
        while power:
            total, power, odd, sign = total + sign * (power // odd), power // inverse**2, odd + 2, -sign
        return Fraction(total - odd, 1 << p), Fraction(total + odd, 1 << p)  # each floor loses less than 2**-p

    fifth, small = atan(5), atan(239)
    low, high = 16 * fifth[0] - 4 * small[1], 16 * fifth[1] - 4 * small[0]
    ends = isqrt(_fixed(low, p)[0] << p), isqrt(_fixed(high, p)[1] << p) + 1
    return Fraction(ends[0], 1 << p), Fraction(ends[1], 1 << p)


def erfc(value: Fraction, bits: int) -> Bounds:
    """1 - erf(value); its relative width is small wherever value**2 <= 2 * bits."""
    if value < 0:
        low, high = erfc(-value, bits)
        return 2 - high, 2 - low
    square = value * value
    if square > 2 * bits:  # exp(-x**2) / (x sqrt(pi)) * (1 - 1 / (2 x**2)) < erfc(x) < exp(-x**2) / (x sqrt(pi))
        power, root = exp(-square, bits), _root_of_pi(bits)
        return power[0] / (value * root[1]) * (1 - 1 / (2 * square)), power[1] / (value * root[0])
    low, high = erf(value, bits + int(square * 3 / 2) + 8)
    return 1 - high, 1 - low


def erf(value: Fraction, bits: int) -> Bounds:
    """2 / sqrt(pi) * exp(-x**2) * the sum of 2**n x**(2n+1) / (1 * 3 * ... * (2n+1))."""
    if not value:
        return value, value
    if value < 0:
        low, high = erf(-value, bits)
        return -high, -low
    square = value * value
    if square > 4 * bits:
        low, high = erfc(value, bits)
        return 1 - high, 1 - low
    p = bits + 32 + max(value.denominator.bit_length() - value.numerator.bit_length(), 0)
    term_low, term_high = _fixed(value, p)
    double_low, double_high = _fixed(2 * square, p)
    sum_low, sum_high, odd = 0, 0, 1
    while term_high > 2 or odd < 5 * square + 4:
        sum_low, sum_high, odd = sum_low + term_low, sum_high + term_high, odd + 2
        term_low = (term_low * double_low >> p) // odd
        term_high = _up(_up(term_high * double_high, 1 << p), odd)
    # From there on every term is at most half of the one before it.
    power, root = exp(-square, bits + 8), _root_of_pi(bits + 8)
    low, high = Fraction(sum_low, 1 << p) * power[0], Fraction(sum_high + 2 * term_high, 1 << p) * power[1]
    return 2 * low / root[1], 2 * high / root[0]


def softplus(value: Fraction, bits: int) -> Bounds:
    """log(1 + e**value) = max(value, 0) + log(1 + e**-|value|)."""
    power = exp(-abs(value), bits)
    low, high = log(1 + power[0], bits)[0] if power[0] else Fraction(0), log(1 + power[1], bits)[1]
    return max(value, Fraction(0)) + low, max(value, Fraction(0)) + high


def sigmoid(value: Fraction, bits: int) -> Bounds:
    """1 / (1 + e**-value)."""
    low, high = exp(-abs(value), bits)
    if value < 0:
        return low / (1 + low), high / (1 + high)
    return 1 / (1 + high), 1 / (1 + low)


def tanh(value: Fraction, bits: int) -> Bounds:
    """(1 - e**-2x) / (1 + e**-2x); the numerator keeps its precision beside zero."""
    if not value:
        return value, value
    extra = max(value.denominator.bit_length() - value.numerator.bit_length(), 0) + 2
    low, high = exp(-2 * abs(value), bits + extra)
    ends = (1 - high) / (1 + high), (1 - low) / (1 + low)
    return ends if value > 0 else (-ends[1], -ends[0])
