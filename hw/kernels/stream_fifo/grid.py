"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

from hw.design.stream import Stream
from hw.kernels.stream_fifo.kernel import StreamFifo


def grid(family: str) -> Iterator[StreamFifo]:
    """Registers, distributed RAM and block RAM."""
    depths = ((1, 4, 2), (8, 4, 2), (1, 8, 5), (4, 4, 9), (2, 4, 17), (1, 4, 33), (16, 4, 16), (8, 8, 28))
    more = ((4, 3, 60), (1, 12, 40), (32, 4, 31), (1, 8, 100), (4, 4, 1000), (16, 4, 300), (1, 16, 3000), (8, 8, 600))
    for lanes, bits, depth in (*depths, *more):
        yield StreamFifo(Stream(lanes, bits), 64, depth)
