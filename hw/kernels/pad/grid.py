"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

from hw.kernels.pad.kernel import Pad


def grid(family: str) -> Iterator[Pad]:
    """Images and lines with zeros and other constants around them."""
    one = ((1, 1), (1, 1))
    yield Pad((28, 28), 16, 4, True, one, 0, pe=4)
    yield Pad((28, 28), 16, 4, True, one, -8, pe=4)
    yield Pad((32, 32), 3, 8, False, one, 0, pe=3)
    yield Pad((16, 16), 32, 2, False, one, 0, pe=1)
    yield Pad((64,), 60, 8, True, ((2, 2),), 0, pe=4)
    yield Pad((64,), 16, 4, False, ((2, 2),), 0, pe=16)
    yield Pad((128,), 32, 4, False, ((7, 0),), 0, pe=8)
    yield Pad((1000,), 8, 6, True, ((0, 24),), 3, pe=2)
    yield Pad((14, 14), 64, 4, False, ((0, 1), (0, 1)), -3, pe=8)
    yield Pad((56, 56), 24, 5, False, ((3, 3), (3, 3)), 0, pe=2)
    yield Pad((7, 7), 256, 4, False, one, 0, pe=32)
    yield Pad((8, 8), 128, 1, False, one, 0, pe=16)
