"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

from hw.kernels.stream_concat.kernel import StreamConcat


def grid(family: str) -> Iterator[StreamConcat]:
    """Channels side by side, of one type and of two."""
    shapes = ((8, 8, 256, 8, 8, 1), (8, 8, 256, 8, 8, 8), (16, 24, 196, 4, 4, 8), (16, 16, 64, 4, 4, 2))
    more = ((32, 64, 49, 4, 4, 32), (128, 128, 49, 2, 2, 16), (1, 1, 100, 8, 6, 1), (3, 1, 1024, 8, 4, 1))
    for a, b, rounds, x, y, pe in (*shapes, *more, (64, 32, 1, 4, 3, 4), (20, 60, 28, 5, 8, 20)):
        yield StreamConcat(a, b, rounds, x, False, y, False, max(x, y), False, pe)
    yield StreamConcat(8, 16, 196, 4, True, 4, False, 5, True, 4)
    yield StreamConcat(48, 16, 196, 8, True, 4, False, 8, True, 16)
