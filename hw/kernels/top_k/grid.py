"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

from hw.kernels.top_k.kernel import TopK


def grid(family: str) -> Iterator[TopK]:
    """The best classes, and the largest values."""
    shapes = ((10, 1, 12, 1), (10, 1, 16, 1), (10, 1, 20, 3), (35, 1, 18, 1), (100, 1, 16, 5), (100, 1, 12, 2))
    for channels, positions, bits, k in (*shapes, (256, 1, 14, 5), (1000, 1, 16, 5)):
        yield TopK(channels, positions, bits, True, k, indices=True)
    for channels, positions, bits, k, indices in ((10, 1, 20, 4, False), (21, 196, 8, 1, True), (64, 49, 4, 8, False)):
        yield TopK(channels, positions, bits, bits != 4, k, indices)
    yield TopK(12, 1, 1, False, 1, indices=True)
