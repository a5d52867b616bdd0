"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

from hw.design.stream import Stream
from hw.kernels.width_converter.kernel import WidthConverter


def grid(family: str) -> Iterator[WidthConverter]:
    """Up, down, and by way of the least common multiple."""
    ratios = ((1, 4, 2), (2, 4, 8), (4, 4, 1), (8, 4, 2), (1, 8, 16), (16, 8, 1), (1, 8, 3), (3, 8, 1), (1, 4, 32))
    more = ((32, 4, 1), (4, 2, 32), (32, 2, 4), (6, 4, 4), (4, 4, 6), (4, 8, 10), (1, 1, 49))
    for lanes, bits, out in (*ratios, *more):
        yield WidthConverter(Stream(lanes, bits), 96 * out, out)
