"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

from hw.kernels.repeat.kernel import Repeat


def grid(family: str) -> Iterator[Repeat]:
    """Rows upsampled, vectors for all positions, integers for all channels."""
    yield Repeat((1, 28, 16), (2, 2, 1), 28, 4, False, pe=4)
    yield Repeat((1, 16, 8), (2, 2, 1), 16, 8, False)
    yield Repeat((1, 8, 64), (2, 2, 1), 8, 4, False, pe=32)
    yield Repeat((1, 14, 24), (3, 3, 1), 14, 6, False, pe=2)
    yield Repeat((1, 16), (49, 1), 1, 8, False, pe=16)
    yield Repeat((1, 8), (256, 1), 1, 4, False, pe=8)
    yield Repeat((1, 16), (256, 1), 1, 4, False)
    yield Repeat((1, 64), (49, 1), 1, 8, False, pe=4)
    yield Repeat((1,), (6,), 50, 3, False, pe=3)
    yield Repeat((1,), (64,), 49, 4, False, pe=4)
    yield Repeat((1, 4, 1), (3, 1, 6), 20, 3, True, pe=2)
    yield Repeat((2, 2, 3), (2, 3, 2), 20, 4, True)
