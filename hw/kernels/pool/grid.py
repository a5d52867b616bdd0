"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

from hw.kernels.pool.kernel import Pool


def grid(family: str) -> Iterator[Pool]:
    """Means of whole frames, windows of a sliding window, and frames that windows tile."""
    yield Pool("sum", 64, 1, 16, 4, False, 8, pe=4)
    yield Pool("sum", 32, 1, 64, 4, False, 10, pe=1)
    yield Pool("sum", 16, 1, 256, 8, True, 16, pe=16)
    yield Pool("sum", 128, 1, 49, 4, False, 10, pe=8)
    yield Pool("max", 16, 14, 2, 4, True, 4, positions=14, pe=4)
    yield Pool("max", 64, 16, 2, 2, False, 2, positions=16, pe=8)
    yield Pool("max", 8, 49, 9, 8, True, 8, pe=2)
    yield Pool("max", 32, 196, 9, 4, False, 4, pe=4)
    yield Pool("max", 32, 225, 4, 1, False, 1, pe=32)
    yield Pool("max", 16, 64, 4, 4, False, 4, pe=16)
    yield Pool("max", 32, 13, 2, 4, False, 4, rest=1, lines=13, positions=1, pe=1)
    yield Pool("sum", 16, 8, 3, 6, True, 8, (1, 1), lines=22, pe=2)
