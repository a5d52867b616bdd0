"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

from hw.kernels.slice.kernel import Slice

ALL = (0, 9999, 1)


def _box(shape: tuple[int, ...], *bounds: tuple[int, int, int], bits: int = 4, pe: int = 1) -> Slice:
    starts, stops, steps = zip(*bounds, strict=True)
    return Slice(shape, starts, stops, steps, bits, True, pe)


def grid(family: str) -> Iterator[Slice]:
    """Crops, halves of the channels, and every second position."""
    yield _box((28, 28, 16), (2, 26, 1), (2, 26, 1), ALL, pe=4)
    yield _box((32, 32, 3), (4, 28, 1), (4, 28, 1), ALL, bits=8, pe=3)
    yield _box((16, 16, 16), ALL, ALL, (0, 8, 1), bits=8)
    yield _box((16, 16, 16), ALL, ALL, (8, 16, 1), pe=8)
    yield _box((28, 28, 16), (1, 28, 2), (1, 28, 3), (8, 16, 1), pe=2)
    yield _box((32, 32, 24), (0, 32, 2), (0, 32, 2), ALL, bits=6, pe=8)
    yield _box((64, 60), (4, 60, 1), ALL, bits=8, pe=4)
    yield _box((128, 32), (0, 100, 1), ALL, bits=4, pe=32)
    yield _box((1000, 8), (24, 1000, 1), ALL, bits=4)
    yield _box((512,), (0, 512, 4), bits=12)
    yield _box((14, 14, 128), (0, 14, 2), (0, 14, 2), ALL, pe=16)
    yield _box((7, 7, 64), (1, 7, 1), (1, 7, 1), (0, 32, 1), bits=3, pe=4)
