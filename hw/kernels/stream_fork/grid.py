"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

from hw.design.stream import Stream
from hw.kernels.stream_fork.kernel import StreamFork


def grid(family: str) -> Iterator[StreamFork]:
    """Two to four copies of narrow and wide words."""
    for lanes, bits, copies in (
        (1, 4, 2),
        (1, 8, 3),
        (4, 4, 2),
        (2, 4, 2),
        (8, 4, 3),
        (8, 2, 2),
        (16, 8, 2),
        (4, 8, 4),
    ):
        yield StreamFork(Stream(lanes, bits), 64, copies)
    for lanes, bits, copies in ((1, 1, 2), (32, 4, 3)):
        yield StreamFork(Stream(lanes, bits), 64, copies)
