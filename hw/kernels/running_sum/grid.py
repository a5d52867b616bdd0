"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

from hw.kernels.running_sum.kernel import RunningSum


def grid(family: str) -> Iterator[RunningSum]:
    """Sums in registers and in FIFOs."""
    yield RunningSum(16, 1, 64, 4, False, 10, pe=4)
    yield RunningSum(8, 1, 128, 4, True, 11, pe=8)
    yield RunningSum(32, 1, 32, 4, True, 9, positions=4, pe=4)
    yield RunningSum(16, 1, 28, 8, False, 13, positions=28, pe=4)
    yield RunningSum(1, 1, 1000, 8, True, 18)
    yield RunningSum(3, 16, 16, 8, True, 12, pe=3)
    yield RunningSum(64, 1, 50, 4, False, 10, True, pe=2)
    yield RunningSum(24, 4, 20, 6, True, 11, True, pe=3)
    yield RunningSum(16, 28, 28, 2, False, 7, pe=16)
    yield RunningSum(32, 14, 14, 1, False, 4, pe=8)
