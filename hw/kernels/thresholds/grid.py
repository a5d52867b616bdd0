"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hw.kernels.thresholds.kernel import Thresholds


def grid(family: str) -> Iterator[Thresholds]:
    """One to 255 thresholds a channel, pipelined and serial."""
    pipelined = ((32, 1, 8, 1, False), (64, 1, 9, 16, False), (32, 3, 10, 1, False), (32, 3, 14, 4, False))
    more = ((16, 3, 8, 16, True), (32, 15, 14, 1, False), (32, 15, 12, 4, False), (64, 7, 12, 2, True))
    for channels, levels, bits, pe, mixed in (*pipelined, *more, (128, 1, 12, 4, True), (16, 255, 16, 1, False)):
        yield _thresholds(channels, levels, bits, pe, mixed, False)
    serial = ((32, 15, 14, 1, False), (64, 3, 12, 1, False), (32, 15, 14, 4, True), (128, 1, 10, 2, False))
    for channels, levels, bits, pe, mixed in (*serial, (16, 7, 16, 8, False), (64, 255, 18, 1, False)):
        yield _thresholds(channels, levels, bits, pe, mixed, True)
    for channels, levels, bits, pe, one in ((16, 15, 14, 2, False), (16, 15, 14, 1, True), (32, 3, 12, 4, False)):
        sets = np.sort(np.random.default_rng(levels).integers(-1 << bits - 1, 1 << bits - 1, (5, channels, levels)), -1)
        yield Thresholds(sets, np.zeros((5, channels), bool), 0, 60, bits, True, pe, one)


def _thresholds(channels: int, levels: int, bits: int, pe: int, mixed: bool, serial: bool) -> Thresholds:
    rng, most = np.random.default_rng(channels + levels), 1 << (bits - 1)
    thresholds = np.sort(rng.integers(-most, most, (channels, levels)), 1)
    descending = rng.random(channels) < 0.5 if mixed else np.zeros(channels, bool)
    return Thresholds(thresholds, descending, 0, 64, bits, True, pe, serial)
