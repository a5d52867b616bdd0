"""Balls of the library's functions, thin and wide, against the rational bounds."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from codesign.ingest.numbers.ball import LIBRARY, Ball
from codesign.ingest.numbers.interval import Interval

FUNCTIONS = ["exp", "log", "sigmoid", "tanh", "softplus", "erf", "erfc", "sqrt"]
STEPPED = ["floor", "ceil", "round", "sign", "absolute"]


def interval(low: float, high: float) -> Interval:
    return Interval(Fraction(low), Fraction(high), 600)  # at 160 bits the tail of erfc is not tight


def arguments(name: str, count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, count) * 30 ** rng.uniform(-3, 1, count)
    return np.abs(x) if name in ("log", "sqrt") else np.maximum(x, -20) if name == "erfc" else x


@pytest.mark.parametrize("name", FUNCTIONS)
def test_thin_balls_hold_the_value_with_room_to_spare(name: str) -> None:
    x = arguments(name, 400)
    ball = getattr(Ball.exactly(x), name)()
    worst = Fraction(0)
    for i, value in enumerate(x):
        want = getattr(interval(value, value), name)()
        error = max(abs(Fraction(ball.middle[i]) - want.low), abs(Fraction(ball.middle[i]) - want.high))
        assert error <= Fraction(ball.radius[i])
        if name != "sqrt":  # the bound of the library is not even half used
            worst = max(worst, error / abs(want.low))
    assert worst <= Fraction(LIBRARY) / 2
    assert (ball.radius <= 200 * 2.0**-53 * np.abs(ball.middle) + 1e-289).all()


@pytest.mark.parametrize("name", [*FUNCTIONS, *STEPPED])
def test_wide_balls_hold_every_value(name: str) -> None:
    middle = arguments(name, 300, 1)
    radius = np.abs(middle) * np.random.default_rng(2).uniform(0, 0.9, 300)
    ball = getattr(Ball(middle, radius), name)()
    for i in range(300):
        ends = interval(middle[i] - radius[i] * 0.999999, middle[i] + radius[i] * 0.999999)
        want = getattr(ends, name)()
        assert Fraction(ball.middle[i]) - Fraction(ball.radius[i]) <= want.low
        assert want.high <= Fraction(ball.middle[i]) + Fraction(ball.radius[i])
        assert name == "absolute" or Fraction(ball.radius[i]) <= 2 * (want.high - want.low) + Fraction(1, 10**6)


@pytest.mark.parametrize("name", ["log", "sqrt"])
def test_where_a_function_may_be_undefined_nothing_is_proven(name: str) -> None:
    with np.errstate(all="ignore"):
        ball = getattr(Ball(np.array([-1.0, 0.5, 2.0]), np.array([0.5, 1.0, 1.0])), name)()
    assert not np.isfinite(ball.radius[:2]).any()
    assert np.isfinite(ball.radius[2])


def test_zero_times_anything_is_exactly_zero() -> None:
    zero, ball = Ball.exactly(np.zeros(2)), Ball(np.array([3.0, -1e9]), np.array([1.0, 5e9]))
    for made in (zero * ball, ball * zero, zero / Ball.exactly(np.array([3.0, 7.0]))):
        assert (made.middle == 0).all() and (made.radius == 0).all()
    assert np.isinf((zero / Ball(np.ones(2), np.full(2, 2.0))).radius).all()


def test_the_larger_of_two_balls_is_one_of_them_where_they_lie_apart() -> None:
    a, b = Ball(np.array([-100.0, 1.0]), np.array([50.0, 2.0])), Ball.exactly(np.zeros(2))
    assert a.maximum(b).radius.tolist() == [0, 2]
    assert b.maximum(a).radius.tolist() == [0, 2]
    assert a.minimum(b).middle.tolist() == [-100, 0]
    assert a.minimum(b).radius.tolist() == [50, 2]


def test_integers_from_a_ball_that_touches_a_step() -> None:
    ball = Ball(np.array([2.5, 2.5, 3.0, 3.0]), np.array([0, 1e-20, 0, 1e-20]))
    assert ball.round().middle.tolist() == [2, 2.5, 3, 3]
    assert ball.round().radius.tolist() == [0, 0.5, 0, 0]
    assert ball.floor().radius.tolist() == [0, 0, 0, 0.5]
    assert ball.ceil().middle.tolist() == [3, 3, 3, 3.5]
