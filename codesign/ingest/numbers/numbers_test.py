"""Balls and intervals must enclose the real result, which rational arithmetic gives here."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from codesign.ingest.numbers.numbers import Ball, Interval

FORMULAS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "sum": lambda a, b, c: a + b - c,
    "product": lambda a, b, c: a * b * c,
    "quotient": lambda a, b, c: a / b / c,
    "cancellation": lambda a, b, c: (a + b) - b,
    "normalization": lambda a, b, c: (a - b) * (c / (c * c)) + b,
    "clip": lambda a, b, c: (a * b).maximum(c).minimum(b),
}


def rational(name: str, a: Fraction, b: Fraction, c: Fraction) -> Fraction:
    return min(max(a * b, c), b) if name == "clip" else FORMULAS[name](a, b, c)


@pytest.mark.parametrize("name", FORMULAS)
def test_balls_enclose_the_real_result_and_are_small(name: str) -> None:
    rng = np.random.default_rng(0)
    a, b, c = rng.standard_normal((3, 2000)) * 10.0 ** rng.integers(-6, 7, (3, 2000))
    ball = FORMULAS[name](Ball.exactly(a), Ball.exactly(b), Ball.exactly(c))
    off = 0
    for i in range(2000):
        want = rational(name, Fraction(a[i]), Fraction(b[i]), Fraction(c[i]))
        error = abs(Fraction(ball.middle[i]) - want)
        assert error <= Fraction(ball.radius[i])
        off += error > 0
    assert off > 100  # float64 is not exact here, so the bound is put to the test
    big = np.abs(a) + np.abs(b)
    assert name != "sum" or (ball.radius <= 1e-15 * (big + np.abs(c))).all()


def test_the_nearest_float64_of_a_fraction() -> None:
    ball = Ball.nearest([Fraction(1, 3), Fraction(2, 7), Fraction(1, 2)])
    for value, middle, radius in zip((Fraction(1, 3), Fraction(2, 7)), ball.middle, ball.radius, strict=False):
        assert 0 < abs(Fraction(middle) - value) <= Fraction(radius)


@pytest.mark.parametrize("bits", [20, 160])
def test_roots_are_enclosed_tightly(bits: int) -> None:
    rng = np.random.default_rng(1)
    for v in rng.uniform(1e-6, 1e6, 300).astype(np.float32):
        value = Fraction(float(v))
        root = Interval.exactly(value, bits).sqrt()
        assert root.low**2 <= value <= root.high**2
        assert root.exact or (
            root.low**2 < value < root.high**2 and (root.high - root.low) < Fraction(2, 2**bits) * 2**10
        )
        ball = Ball.exactly(np.array([float(v)])).sqrt()
        assert (Fraction(ball.middle[0]) - Fraction(ball.radius[0])) ** 2 <= value
        assert (Fraction(ball.middle[0]) + Fraction(ball.radius[0])) ** 2 >= value
    assert Interval.exactly(Fraction(9, 16), bits).sqrt() == Interval.exactly(Fraction(3, 4), bits)


def test_intervals_enclose_every_combination_of_their_ends() -> None:
    rng = np.random.default_rng(2)
    for _ in range(200):
        ends = np.sort(rng.integers(-20, 21, (2, 2)), axis=1)
        (a, b), (c, d) = ((Fraction(int(v), 7) for v in row) for row in ends)
        x, y = Interval(a, b, 99), Interval(c, d, 99)
        for made, of in ((x + y, Fraction.__add__), (x - y, Fraction.__sub__), (x * y, Fraction.__mul__)):
            corners = [of(p, r) for p in (a, b) for r in (c, d)]
            assert (made.low, made.high) == (min(corners), max(corners))
        if c > 0 or d < 0:
            corners = [p / r for p in (a, b) for r in (c, d)]
            assert ((x / y).low, (x / y).high) == (min(corners), max(corners))
        else:
            with pytest.raises(ZeroDivisionError):
                x / y
