"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

from hw.kernels.stream_add.kernel import StreamAdd


def grid(family: str) -> Iterator[StreamAdd]:
    """Joints of residual connections, plain and weighted."""
    yield StreamAdd(16, 64, 4, False, 4, False, (1, 1), 5, False, pe=4)
    yield StreamAdd(16, 64, 8, True, 8, True, (1, 1), 9, True)
    yield StreamAdd(64, 64, 8, True, 8, True, (1, 1), 9, True, pe=16)
    yield StreamAdd(64, 49, 4, True, 4, True, (1, 1), 5, True, pe=32)
    yield StreamAdd(16, 64, 8, True, 4, False, (1, 4), 9, True, pe=2)
    yield StreamAdd(16, 64, 5, True, 5, True, (1, -1), 6, True, pe=8)
    yield StreamAdd(4, 3, 5, True, 3, False, (13, -7), 10, True, pe=2)
    yield StreamAdd(32, 64, 8, True, 8, True, (3, 5), 12, True, pe=4)
    yield StreamAdd(32, 64, 4, False, 4, False, (5, 1), 7, False, pe=8)
    yield StreamAdd(32, 64, 6, True, 6, True, (12, 7), 11, True, pe=1)
    yield StreamAdd(16, 64, 8, True, 8, True, (181, 245), 17, True, pe=2)
    yield StreamAdd(16, 64, 8, True, 6, False, (1, 91), 14, True, pe=4)
