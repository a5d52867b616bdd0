"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hw.kernels.lookup.kernel import Lookup


def grid(family: str) -> Iterator[Lookup]:
    """Tables of few and of many bits, one for all channels or one for each, side by side and one word at a time."""
    shared = ((4, 4, 1, False), (5, 4, 4, False), (6, 8, 2, False), (8, 8, 1, False), (8, 8, 4, False))
    more = ((6, 4, 8, False), (8, 4, 1, True), (10, 8, 1, False), (4, 4, 1, True), (8, 2, 16, False))
    for bits, out, pe, serial in (*shared, *more):
        yield _lookup(16, bits, out, pe, True, serial, family)
    for channels, bits, out, pe, serial in ((16, 4, 4, 2, False), (8, 3, 4, 1, False), (32, 8, 8, 1, False)):
        yield _lookup(channels, bits, out, pe, False, serial, family)
    yield _lookup(32, 5, 8, 4, False, False, family)
    yield _lookup(64, 6, 4, 1, False, True, family)
    for channels, bits, pe in ((16, 4, 2), (8, 6, 1)):
        values = np.random.default_rng(bits).integers(0, 256, (5, channels, 1 << bits))
        yield Lookup(values, np.zeros((5, channels), np.int64), 60, bits, False, pe, family)


def _lookup(channels: int, bits: int, out: int, pe: int, shared: bool, serial: bool, family: str) -> Lookup:
    values = np.random.default_rng(bits).integers(0, 1 << out, (1 if shared else channels, 1 << bits))
    return Lookup(values, np.zeros(channels, np.int64), 64, bits, False, pe, family, serial)
