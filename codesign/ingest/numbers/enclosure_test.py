"""Rational bounds against decimal arithmetic and published constants."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from math import isqrt

import numpy as np
import pytest

from codesign.errors import Reject
from codesign.ingest.numbers import enclosure

DIGITS = 420
KNOWN: dict[str, tuple[Callable[..., enclosure.Bounds], Fraction, str]] = {
    "e": (enclosure.exp, Fraction(1), "2.718281828459045235360287471352662497757247093699959574966967"),
    "log 2": (
        enclosure.log,
        Fraction(2),
        "0.693147180559945309417232121458176568075500134360255254120680",
    ),
    "log 3": (
        enclosure.log,
        Fraction(3),
        "1.098612288668109691395245236922525704647490557822749451734694",
    ),
    "erf 1": (
        enclosure.erf,
        Fraction(1),
        "0.842700792949714869341220635082609259296066997966302908459937",
    ),
    "erfc 1": (
        enclosure.erfc,
        Fraction(1),
        "0.157299207050285130658779364917390740703933002033697091540062",
    ),
    "tanh 1": (
        enclosure.tanh,
        Fraction(1),
        "0.761594155955764888119458282604793590412768597257936551596810",
    ),
}


def decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def reference(name: str, x: Decimal) -> Decimal:
    """By the decimal module's exp and ln, which are rounded correctly; erf by its alternating series."""
    if name == "erf":
        total, term, n = Decimal(0), x, 0
        while abs(term) > Decimal(10) ** -(DIGITS - 20):
            total, n = total + term / (2 * n + 1), n + 1
            term = -term * x * x / n
        pi = Decimal(  # OEIS A000796
            "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798214"
        )
        return 2 * total / pi.sqrt()
    grown = x.exp()
    return {
        "exp": grown,
        "log": abs(x).ln(),
        "sigmoid": grown / (1 + grown),
        "tanh": (grown - 1 / grown) / (grown + 1 / grown),
        "softplus": (1 + grown).ln(),
    }[name]


@pytest.mark.parametrize("name", ["exp", "log", "sigmoid", "tanh", "softplus", "erf"])
@pytest.mark.parametrize("bits", [60, 160, 640])
def test_bounds_hold_the_value_and_are_tight(name: str, bits: int) -> None:
    rng = np.random.default_rng(bits)
    size = 8.0 if name == "erf" else 200.0
    # The reference knows 100 digits of pi, else DIGITS less what cancellation takes at these arguments.
    known = Decimal(10) ** (-95 if name == "erf" else -200)
    with localcontext() as context:
        context.prec = DIGITS
        for value in rng.uniform(-1, 1, 40) * size ** rng.uniform(-2, 1, 40):
            x = Fraction(float(abs(value) if name == "log" else value))
            low, high = getattr(enclosure, name)(x, bits)
            want = reference(name, decimal(x))
            room = abs(want) * known
            assert decimal(low) - room <= want <= decimal(high) + room
            assert 0 < high - low <= max(abs(low), abs(high)) * Fraction(8, 2**bits)


@pytest.mark.parametrize("name", KNOWN)
def test_published_constants(name: str) -> None:
    function, at, digits = KNOWN[name]
    low, high = function(at, 200)
    unit = Fraction(1, 10 ** (len(digits) - 2))
    assert low <= Fraction(digits) + unit and Fraction(digits) <= high
    assert high - low < Fraction(1, 10**55)


def test_what_is_rational_is_exact() -> None:
    zero, half = Fraction(0), Fraction(1, 2)
    assert enclosure.exp(zero, 99) == (1, 1)
    assert enclosure.log(Fraction(1), 99) == (0, 0)
    assert enclosure.erf(zero, 99) == enclosure.tanh(zero, 99) == (0, 0)
    assert enclosure.sigmoid(zero, 99) == (half, half)


@pytest.mark.parametrize("at", [30, 700, 40_000])
def test_far_out_the_bounds_stay_on_their_side_of_the_limit(at: int) -> None:
    x = Fraction(at)
    for function in (enclosure.sigmoid, enclosure.tanh, enclosure.erf):
        low, high = function(x if function != enclosure.erf else min(x, Fraction(200)), 160)
        assert 1 - Fraction(1, 2**40) < low < high < 1
    for function in (enclosure.sigmoid, enclosure.softplus, enclosure.exp):
        assert function(-x, 160)[0] > 0
    assert enclosure.erfc(min(x, Fraction(200)), 160)[0] > 0
    assert enclosure.softplus(x, 160)[0] > x


def test_the_tail_of_erfc_joins_its_series() -> None:
    """Beside the place where the bounds change from the series to the tail, both hold the value."""
    for square in (319, 321, 639, 641):
        root = Fraction(isqrt(square * 10**20), 10**10)
        low, high = enclosure.erfc(root, 160)
        tight = enclosure.erfc(root, 700)
        assert low <= tight[0] < tight[1] <= high


def test_a_wider_argument_than_the_logarithm_or_the_exponential_can_take() -> None:
    with pytest.raises(Reject, match="logarithm of 0"):
        enclosure.log(Fraction(0), 99)
    with pytest.raises(Reject, match="exponential of 1e\\+07"):
        enclosure.exp(Fraction(10**7), 99)
