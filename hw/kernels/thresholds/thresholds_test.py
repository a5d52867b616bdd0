from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from codesign.errors import UserError
from hw.kernels.conformance import FAMILIES, Stimulus, check_resources, conform
from hw.kernels.thresholds.kernel import Thresholds


def random_thresholds(
    channels: int,
    levels: int,
    bits: int,
    signed: bool = True,
    low: int = 0,
    pe: int = 1,
    serial: bool = False,
    beyond: int = 2,
    direction: Sequence[bool] = (False, True),
    positions: int = 3,
) -> Thresholds:
    """Thresholds of which some lie ``beyond`` the input's range; directions are drawn from ``direction``."""
    rng = np.random.default_rng(levels)
    first = -(1 << (bits - 1)) if signed else 0
    thresholds = np.sort(rng.integers(first - beyond, first + (1 << bits) + beyond, (channels, levels)), 1)
    thresholds[0, 0], thresholds[-1, -1] = first - beyond, first + (1 << bits) + beyond - 1
    return Thresholds(thresholds, rng.choice(direction, channels), low, positions, bits, signed, pe, serial)


def near_thresholds(kernel: Thresholds) -> Stimulus:
    """Return a stimulus of which most lanes lie at a threshold of their channel, or one beside it."""

    def make(rng: np.random.Generator, frames: int) -> list[np.ndarray]:
        port = kernel.inputs[0]
        x = port.stream.random(rng, frames, port.words)
        channel = np.arange(x.size).reshape(x.shape) % kernel.channels
        block = np.arange(x[0].size).reshape(x[0].shape) // (x[0].size // kernel.sets)
        where = (block, channel) if kernel.sets > 1 else (channel,)
        near = kernel.thresholds[*where, rng.integers(0, kernel.levels, x.shape)] + rng.integers(-1, 2, x.shape)
        x = np.where(rng.random(x.shape) < 0.8, np.clip(near, port.stream.low, port.stream.high), x)
        x[0], x[1] = port.stream.high, port.stream.low
        return [x]

    return make


@pytest.mark.parametrize("serial", [False, True], ids=["pipelined", "serial"])
@pytest.mark.parametrize(
    ("channels", "levels", "bits", "signed", "low", "pe"),
    [
        (16, 15, 14, True, 0, 1),
        (8, 11, 9, True, -5, 4),
        (6, 1, 8, False, -1, 2),
        (3, 200, 10, False, -100, 1),
        (2, 3000, 14, True, -9, 2),
    ],
)
def test_conforms(channels: int, levels: int, bits: int, signed: bool, low: int, pe: int, serial: bool) -> None:
    kernel = random_thresholds(channels, levels, bits, signed, low, pe, serial)
    conform(kernel, stimulus=near_thresholds(kernel))


@pytest.mark.parametrize("serial", [False, True], ids=["pipelined", "serial"])
@pytest.mark.parametrize("direction", [False, True], ids=["ascending", "descending"])
def test_equal_channels_share_one_set(serial: bool, direction: bool) -> None:
    one = random_thresholds(1, 5, 6, serial=serial, direction=(direction,))
    kernel = Thresholds(
        one.thresholds.repeat(6, 0),
        one.descending.repeat(6),
        0,
        positions=3,
        in_bits=6,
        in_signed=True,
        pe=2,
        serial=serial,
    )
    assert max(len(memory.words) for memory in kernel.memories().values()) <= 8
    conform(kernel, stimulus=near_thresholds(kernel))


def test_the_order_of_thresholds_does_not_matter() -> None:
    kernel = random_thresholds(4, 7, 8)
    shuffled = Thresholds(kernel.thresholds[:, ::-1], kernel.descending, 0, 3, 8, True)
    for name, memory in kernel.memories().items():
        assert memory.words == shuffled.memories()[name].words


def with_sets(sets: int, channels: int, pe: int, positions: int, serial: bool, equal: bool = False) -> Thresholds:
    rng = np.random.default_rng(sets)
    thresholds = rng.integers(-200, 200, (sets, channels, 6))
    descending = rng.integers(0, 2, (sets, channels)).astype(bool)
    if equal:  # but for the set
        thresholds[:], descending[:] = thresholds[:, :1], descending[:, :1]
    return Thresholds(thresholds, descending, -2, positions, 8, True, pe, serial)


@pytest.mark.parametrize("serial", [False, True], ids=["pipelined", "serial"])
@pytest.mark.parametrize(("sets", "channels", "pe", "positions", "equal"), [(3, 4, 2, 6, False), (5, 4, 2, 10, True)])
def test_sets_take_blocks(sets: int, channels: int, pe: int, positions: int, equal: bool, serial: bool) -> None:
    kernel = with_sets(sets, channels, pe, positions, serial, equal)
    conform(kernel, stimulus=near_thresholds(kernel), guarded=False)
    x = kernel.inputs[0].stream.random(np.random.default_rng(1), 4, kernel.inputs[0].words)
    (found,) = kernel.reference(x)
    parts = x.reshape(4, sets, -1, channels)
    reached = (parts[..., None] >= kernel.thresholds[:, None]).sum(-1)
    counts = np.where(kernel.descending[:, None], 6 - reached, reached)
    np.testing.assert_array_equal(found.reshape(parts.shape), counts - 2)


def test_equal_sets_are_kept_once() -> None:
    kernel = with_sets(3, 4, 2, 6, serial=True)
    same = Thresholds(kernel.thresholds[[0, 0, 0]], kernel.descending[[0, 0, 0]], -2, 6, 8, True, 2, serial=True)
    assert len(same.memories()["FILE"].words) * 3 == len(kernel.memories()["FILE"].words) == 3 * 4 * 8


def slow(channels: int, serial: bool = False) -> Thresholds:
    return random_thresholds(channels, 15, 14, serial=serial, beyond=-1, direction=(False,), positions=64)


@pytest.mark.parametrize("family", FAMILIES)
def test_resources(family: str) -> None:
    check_resources(slow(32, serial=True), family)


@pytest.mark.parametrize(
    "kernel",
    [slow(32), random_thresholds(32, 15, 14, low=-8, pe=4, serial=True), random_thresholds(32, 3, 14, low=-1, pe=4)],
    ids=["pipelined", "serial lanes", "pipelined lanes"],
)
def test_more_resources(kernel: Thresholds) -> None:
    check_resources(kernel, "ecp5")


def test_parameters_are_checked() -> None:
    kernel = random_thresholds(4, 3, 8)
    with pytest.raises(UserError, match="pe must divide channels=4, not 3"):
        kernel.fold(pe=3)
    with pytest.raises(UserError, match=r"must be \[channels, 1 to 4095\], with sets in front or not, not \[4, 0\]"):
        Thresholds(kernel.thresholds[:, :0], kernel.descending, 0, 1, 8, True)
    with pytest.raises(UserError, match="one entry for each of 4 channels"):
        Thresholds(kernel.thresholds, kernel.descending[:3], 0, 1, 8, True)
