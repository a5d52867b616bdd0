"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

from hw.design.stream import Stream
from hw.kernels.frame_guard.kernel import FrameGuard


def grid(family: str) -> Iterator[FrameGuard]:
    """Frames of one word to those of an image, as a design's inputs are."""
    shapes = ((1, 8, 784), (1, 1, 1), (4, 4, 100), (8, 8, 96), (3, 8, 1024), (1, 16, 64), (4, 8, 960))
    for lanes, bits, words in (*shapes, (2, 8, 50000), (16, 8, 2), (32, 4, 49), (60, 8, 64), (32, 8, 7)):
        yield FrameGuard(Stream(lanes, bits), words)
