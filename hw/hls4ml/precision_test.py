"""Types from ranges: held against two's complement and brute force over every input."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from codesign.errors import Reject, UserError
from hw.hls4ml.precision import Fixed, narrowest, of_weights, partial_sums


@pytest.mark.parametrize(
    ("low", "high", "name"),
    [
        (0, 1, "uint<1>"),
        (0, 15, "uint<4>"),
        (-1, 0, "int<1>"),
        (-8, 7, "int<4>"),
        (-8, 8, "int<5>"),
        (5, 16, "uint<5>"),
    ],
)
def test_the_narrowest_type(low: int, high: int, name: str) -> None:
    assert str(narrowest(low, high)) == name


def test_a_type_holds_what_twos_complement_says() -> None:
    for bits, signed in product(range(1, 7), (True, False)):
        kind = Fixed(bits, bits, signed)
        least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        for low, high in product(range(-40, 41), repeat=2):
            if low <= high:
                assert kind.holds(low, high) == (least <= low and high <= most), (kind, low, high)


def test_a_fraction_takes_bits_from_the_integers() -> None:
    assert Fixed.parse("fixed<48,20>").holds(-(1 << 19), (1 << 19) - 1)
    assert not Fixed.parse("ap_fixed<48, 20>").holds(0, 1 << 19)
    assert not Fixed(8, 12).holds(0, 255)  # its last four bits are before the point and not there
    assert str(Fixed.parse("ap_ufixed<9,4>")) == "ufixed<9,4>" and str(Fixed.parse("uint<7>")) == "uint<7>"


@pytest.mark.parametrize("text", ["", "float", "fixed<16>", "int<>", "fixed<a,b>", "int<8>x"])
def test_what_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="--precision must be derived or a type such as"):
        Fixed.parse(text)


@pytest.mark.parametrize("text", ["int<0>", "uint<0>", "fixed<16,0>", "fixed<0,0>", "ufixed<0,4>"])
def test_a_type_that_holds_no_integer_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="must have at least one bit before its point"):
        Fixed.parse(text)


def test_weights_stay_clear_of_binary_and_ternary_products() -> None:
    assert of_weights(np.array([-1, 0, 1])).bits == 2
    assert of_weights(np.array([-2, 1])).bits == 3
    assert of_weights(np.array([1, 1])).bits == 2 and of_weights(np.array([0, 7])).bits == 4
    with pytest.raises(Reject, match="wider than the 53"):
        of_weights(np.array([1 << 53]))


def test_partial_sums_are_the_extremes_of_every_order() -> None:
    random = np.random.default_rng(3)
    for _ in range(20):
        weights = random.integers(-4, 5, (2, 4))
        ends = np.sort(random.integers(-3, 4, (2, 4)), 0)
        sums = set()
        for x in product(*(range(a, b + 1) for a, b in ends.T)):
            terms = weights * np.array(x)
            for chosen in product((0, 1), repeat=4):  # any part of the terms may be summed first
                sums |= set((terms * np.array(chosen)).sum(1).tolist())
        assert partial_sums(weights, *ends) == (min(sums), max(sums))
