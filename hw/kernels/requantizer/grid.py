"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hw.kernels.requantizer.kernel import Requantizer


def grid(family: str) -> Iterator[Requantizer]:
    """Accumulators of 10 to 24 bits to 2 to 8 bits, with numbers for every channel or for all."""
    pipelined = ((16, 10, 4, 1), (32, 14, 4, 1), (32, 14, 4, 4), (64, 12, 8, 2), (64, 16, 4, 8), (128, 16, 8, 1))
    for channels, bits, out, pe in (*pipelined, (16, 12, 2, 16), (8, 18, 4, 8), (32, 20, 8, 4), (256, 24, 8, 2)):
        yield _requantizer(channels, bits, out, pe)
    for channels, bits, out, pe in ((32, 14, 4, 1), (64, 18, 8, 1), (16, 12, 4, 2), (128, 16, 4, 4)):
        yield _requantizer(channels, bits, out, pe, serial=True)
    yield _requantizer(32, 14, 8, 4, equal=True)
    yield _requantizer(32, 12, 4, 1, equal=True)
    for channels, bits, pe, serial in ((16, 14, 1, False), (32, 14, 4, False), (32, 16, 2, True)):
        rng = np.random.default_rng(channels)
        multiplier, offset = rng.integers(512, 1024, (5, channels)), rng.integers(-1 << 18, 1 << 18, (5, channels))
        yield Requantizer(multiplier, offset, bits + 4, 0, 15, 60, bits, True, pe, serial=serial)


def _requantizer(channels: int, bits: int, out: int, pe: int, serial: bool = False, equal: bool = False) -> Requantizer:
    rng, shift = np.random.default_rng(channels + bits), 8 + bits - out
    multiplier, offset = rng.integers(512, 1024, channels), rng.integers(-4 << shift, 4 << shift, channels)
    if equal:
        multiplier[:], offset[:] = multiplier[0], offset[0]
    low, high = (0, (1 << out) - 1) if out < 8 else (-128, 127)
    return Requantizer(multiplier, offset, shift, low, high, 64, bits, True, pe, serial=serial)
