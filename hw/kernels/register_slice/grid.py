"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

from hw.design.stream import Stream
from hw.kernels.register_slice.kernel import RegisterSlice


def grid(family: str) -> Iterator[RegisterSlice]:
    """Words from one bit to that of wide kernels."""
    for lanes, bits in ((1, 1), (1, 4), (2, 4), (1, 16), (4, 8), (16, 4), (32, 3), (16, 8), (8, 20), (32, 8)):
        yield RegisterSlice(Stream(lanes, bits), 64)
