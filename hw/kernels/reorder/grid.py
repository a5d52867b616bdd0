"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from hw.kernels.reorder.kernel import Reorder


def _transpose(shape: tuple[int, ...], axes: tuple[int, ...], blocks: int, bits: int, pe: int = 1) -> Reorder:
    strides = [prod(shape[axis + 1 :]) for axis in axes]
    return Reorder(prod(shape), tuple(shape[axis] for axis in axes), tuple(strides), blocks, bits, True, pe)


def grid(family: str) -> Iterator[Reorder]:
    """Channel shuffles, transposes and depth to space; in memories and in registers."""
    yield _transpose((2, 8), (1, 0), 256, 8)
    yield _transpose((4, 16), (1, 0), 49, 4)
    yield _transpose((4, 4, 4), (1, 0, 2), 7, 4, 4)
    yield _transpose((8, 4, 8), (1, 0, 2), 14, 4, 8)
    yield _transpose((28, 2, 2, 16), (1, 0, 2, 3), 14, 4, 4)
    yield _transpose((16, 2, 2, 8), (1, 0, 2, 3), 16, 8, 8)
    yield _transpose((16, 16, 32), (2, 0, 1), 1, 4)
    yield _transpose((49, 64), (1, 0), 1, 2)
    yield _transpose((64, 60), (1, 0), 1, 8)
    yield _transpose((12, 2, 3, 8), (1, 2, 0, 3), 4, 9, 4)
    yield _transpose((2, 16), (1, 0), 49, 4, 4)
    yield _transpose((2, 8), (1, 0), 64, 8, 2)
    yield _transpose((4, 8), (1, 0), 64, 2, 16)
    yield _transpose((2, 32), (1, 0), 49, 4, 8)
    yield _transpose((2, 8), (1, 0), 256, 4, 16)
