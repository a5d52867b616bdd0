from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import UserError
from hw.kernels.conformance import FAMILIES, Stimulus, check_resources, conform
from hw.kernels.lookup.kernel import Lookup


def table(
    channels: int,
    entries: int,
    bits: int,
    signed: bool,
    low: int,
    high: int,
    pe: int = 1,
    shared: bool = False,
    positions: int = 3,
    family: str = "ecp5",
    serial: bool = False,
) -> Lookup:
    """Random entries; inputs begin anywhere that the lane's bits allow, at one place where the table is shared."""
    rng = np.random.default_rng(entries)
    values = rng.integers(low, high, (1 if shared else channels, entries), endpoint=True)
    least = -(1 << (bits - 1)) if signed else 0
    most = least + (1 << bits) - entries  # of a table with more entries than the lane's bits have integers, below least
    first = rng.integers(min(least, most), max(least, most), channels, endpoint=True)
    if shared:
        first[:] = first[0]
    return Lookup(values, first, positions, bits, signed, pe, family, serial)


def known(kernel: Lookup) -> Stimulus:
    """Inputs that the tables have, the first and the last ones too."""

    def make(rng: np.random.Generator, frames: int) -> list[np.ndarray]:
        port = kernel.inputs[0]
        low = np.maximum(kernel.first, port.stream.low)
        high = np.minimum(kernel.first + kernel.values.shape[-1] - 1, port.stream.high)
        if kernel.sets > 1:
            low, high = (end.repeat(kernel.positions // kernel.sets, 0) for end in (low, high))
        x = rng.integers(low, high, (frames, kernel.positions, kernel.channels), endpoint=True)
        x[0], x[1] = low, high
        return [x.reshape(frames, port.words, -1)]

    return make


@pytest.mark.parametrize(
    "kernel",
    [
        table(6, 16, 4, True, -8, 7, pe=2),  # logic
        table(6, 13, 9, True, 0, 255, pe=3),  # fewer entries than the lane's bits have integers
        table(3, 300, 9, False, -30000, 30000),  # block RAM
        table(4, 200, 8, True, -1, 6, pe=4, shared=True),
        table(5, 2, 1, False, -3, 4, serial=True),
        table(1, 1, 3, True, 5, 5),  # a constant
        table(2, 14, 3, True, 0, 1, serial=True),  # more entries than inputs
    ],
    ids=lambda k: f"{k.channels}x{k.in_bits}-{k.values.shape}-{k.pe}{'-serial' if k.serial else ''}",
)
def test_conforms(kernel: Lookup) -> None:
    conform(kernel, stimulus=known(kernel), guarded=kernel.channels == 6)


def test_equal_tables_are_kept_once() -> None:
    once = table(4, 16, 4, False, 0, 15, pe=2, shared=True)
    kernel = Lookup(once.values.repeat(4, 0), once.first, 3, 4, False, pe=2)
    assert [len(m.words) for m in kernel.memories().values()] == [16]
    assert kernel.memories()["FILE"].bits == 4
    other = Lookup(once.values, np.array([0, 0, 0, 1]), 3, 5, False)  # one function, begun at another integer
    assert len(other.memories()["FILE"].words) == 4 * 16
    conform(other, stimulus=known(other), guarded=False)


def with_sets(sets: int, channels: int, pe: int, positions: int, shared: bool = False, serial: bool = False) -> Lookup:
    rng = np.random.default_rng(sets)
    values = rng.integers(-50, 50, (sets, 1 if shared else channels, 16))
    first = np.zeros((sets, channels), np.int64) if shared else rng.integers(0, 8, (sets, channels))
    return Lookup(values, first, positions, 4 if shared else 5, False, pe, serial=serial)


@pytest.mark.parametrize(
    "kernel",
    [with_sets(3, 4, 2, 6), with_sets(5, 4, 4, 15, shared=True)],
    ids=lambda k: f"{k.sets}x{k.channels}-{k.pe}",
)
def test_sets_of_tables_take_blocks(kernel: Lookup) -> None:
    conform(kernel, stimulus=known(kernel), guarded=False)
    (x,) = known(kernel)(np.random.default_rng(1), 3)
    (found,) = kernel.reference(x)
    shape = 3, kernel.sets, kernel.positions // kernel.sets, kernel.channels
    for f, s, p, c in np.ndindex(*shape):
        table = kernel.values[s, c % kernel.values.shape[1]]
        assert found.reshape(shape)[f, s, p, c] == table[x.reshape(shape)[f, s, p, c] - kernel.first[s, c]]


@pytest.mark.parametrize("family", FAMILIES)
def test_resources(family: str) -> None:
    check_resources(table(8, 256, 8, False, 0, 255, pe=2, shared=True, family=family), family)


@pytest.mark.parametrize("family", ["ecp5", "xc7"])
def test_resources_of_logic(family: str) -> None:
    check_resources(table(8, 16, 4, False, 0, 255, pe=4, family=family), family)


def test_parameters_are_checked() -> None:
    kernel = table(4, 16, 4, False, 0, 15)
    with pytest.raises(UserError, match="pe must divide channels=4, not 3"):
        kernel.fold(pe=3)
    with pytest.raises(UserError, match=r"must be \[1 or 4, entries\] as first is \[4\], not \[3, 16\]"):
        Lookup(kernel.values[:3], kernel.first, 1, 4, False)
    with pytest.raises(UserError, match="entries must be at most 65536, not 65537"):
        Lookup(np.zeros((1, 65537), np.int64), np.zeros(2, np.int64), 1, 20, False)
