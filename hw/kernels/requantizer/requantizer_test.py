from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from codesign.errors import UserError
from hw.kernels.conformance import FAMILIES, check_resources, conform
from hw.kernels.requantizer.kernel import Requantizer


def random_requantizer(
    channels: int,
    bits: int,
    signed: bool,
    low: int,
    high: int,
    pe: int = 1,
    serial: bool = False,
    negative: bool = False,
    shift: int | None = None,
    positions: int = 3,
    multiplier_bits: int = 10,
) -> Requantizer:
    """Numbers with which the inputs' range covers about one and a half times the outputs'."""
    rng = np.random.default_rng(bits)
    most = 1 << multiplier_bits
    multiplier = rng.integers(-most if negative else most // 2, most, channels)
    scale = most << (bits - signed)
    drawn = max(0, int(np.log2(scale / (high - low + 1) / 1.5))) if shift is None else shift
    offset = rng.integers(-8 << drawn, 8 << drawn, channels)
    return Requantizer(multiplier, offset, drawn, low, high, positions, bits, signed, pe, serial=serial)


@pytest.mark.parametrize(
    "kernel",
    [
        random_requantizer(16, 14, True, 0, 15),
        random_requantizer(32, 14, True, 0, 15, serial=True),  # numbers in block RAM
        random_requantizer(8, 9, True, -7, 7, pe=4, negative=True),
        random_requantizer(6, 8, False, -128, 127, pe=2, serial=True),
        random_requantizer(5, 32, True, 0, 255, negative=True),  # products of 43 bits
        random_requantizer(4, 5, True, -20, 100, shift=0, multiplier_bits=3),
        random_requantizer(4, 5, True, -1, 0, shift=30, multiplier_bits=3, serial=True),  # shifts all bits out
        random_requantizer(2, 32, True, -32768, 32767, shift=45, multiplier_bits=31, negative=True),
        random_requantizer(2, 14, True, -(2**31), 2**31 - 1, shift=0, multiplier_bits=19),  # the widest output
        random_requantizer(1, 1, False, 5, 5, positions=1),  # one value, one bit, one word
    ],
    ids=lambda k: f"{k.channels}x{k.in_bits}-{k.low}to{k.high}-{k.pe}{'-serial' if k.serial else ''}",
)
def test_conforms(kernel: Requantizer) -> None:
    conform(kernel)


def test_a_known_range_makes_it_narrower() -> None:
    wide = random_requantizer(4, 16, True, 0, 15)
    narrow = dataclasses.replace(wide, in_low=-100, in_high=1000)
    assert narrow.verilog_parameters()["PRODUCT_BITS"] == 21  # 1000 * 1023 and a sign
    assert wide.verilog_parameters()["PRODUCT_BITS"] == 26
    conform(narrow, stimulus=lambda rng, frames: [rng.integers(-100, 1001, (frames, 12, 1))])


def test_equal_channels_share_their_numbers() -> None:
    kernel = Requantizer(np.full(6, 77), np.full(6, -900), 7, -8, 7, positions=3, in_bits=6, in_signed=True, pe=2)
    assert len(kernel.memories()["FILE"].words) == 1
    conform(kernel)


def with_sets(sets: int, channels: int, pe: int, positions: int, serial: bool = False) -> Requantizer:
    rng = np.random.default_rng(sets)
    multiplier, offset = rng.integers(-500, 500, (sets, channels)), rng.integers(-9000, 9000, (sets, channels))
    return Requantizer(multiplier, offset, 8, -8, 7, positions, 9, True, pe, serial=serial)


@pytest.mark.parametrize(
    "kernel",
    [with_sets(3, 4, 2, 6), with_sets(5, 2, 1, 15, serial=True)],
    ids=lambda k: f"{k.sets}x{k.channels}-{k.pe}",
)
def test_sets_of_numbers_take_blocks(kernel: Requantizer) -> None:
    conform(kernel, guarded=False)
    x = kernel.inputs[0].stream.random(np.random.default_rng(1), 4, kernel.inputs[0].words)
    (found,) = kernel.reference(x)
    shape = 4, kernel.sets, -1, kernel.channels
    sums = x.reshape(shape) * kernel.multiplier[:, None] + kernel.offset[:, None]
    np.testing.assert_array_equal(found.reshape(shape), np.clip(sums // 256, -8, 7))


def test_equal_sets_are_kept_once() -> None:
    kernel = with_sets(3, 4, 2, 6)
    same = dataclasses.replace(kernel, multiplier=kernel.multiplier[[0, 0, 0]], offset=kernel.offset[[0, 0, 0]])
    assert len(same.memories()["FILE"].words) == 2 and len(kernel.memories()["FILE"].words) == 6
    columns = dataclasses.replace(kernel, multiplier=kernel.multiplier[:, [0] * 4], offset=kernel.offset[:, [0] * 4])
    assert len(columns.memories()["FILE"].words) == 3


@pytest.mark.parametrize("family", FAMILIES)
def test_resources(family: str) -> None:
    check_resources(random_requantizer(32, 14, True, 0, 15, serial=True, positions=64), family)


@pytest.mark.parametrize("pe", [1, 4])
def test_more_resources(pe: int) -> None:
    check_resources(random_requantizer(32, 14, True, 0, 15, pe=pe, positions=64), "ecp5")


def test_parameters_are_checked() -> None:
    kernel = random_requantizer(4, 8, True, 0, 15)
    with pytest.raises(UserError, match="pe must divide channels=4, not 3"):
        kernel.fold(pe=3)
    with pytest.raises(UserError, match="positions must be a multiple of the 3 sets of its numbers, not 4"):
        dataclasses.replace(with_sets(3, 4, 2, 6), positions=4)
    with pytest.raises(UserError, match="low must be at most high=15, not 16"):
        dataclasses.replace(kernel, low=16)
    with pytest.raises(UserError, match="low and high must fit 32 bits, not be 0 and 4294967296"):
        dataclasses.replace(kernel, high=2**32)
    with pytest.raises(UserError, match="must lie between -128 and 127, not -200 and 127"):
        dataclasses.replace(kernel, in_low=-200)
