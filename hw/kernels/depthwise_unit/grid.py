"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hw.kernels.depthwise_unit.kernel import DepthwiseUnit


def grid(family: str) -> Iterator[DepthwiseUnit]:
    """Depthwise convolutions over images and lines; weights of one, two, four and eight bits."""
    shapes = ((8, 1, 9, 4, 4, 1), (8, 1, 9, 4, 8, 1), (16, 1, 9, 4, 4, 4), (32, 1, 9, 4, 4, 2), (64, 1, 9, 4, 4, 16))
    more = ((32, 1, 9, 8, 8, 2), (16, 1, 5, 2, 2, 4), (128, 1, 9, 2, 4, 8), (16, 2, 9, 4, 4, 4), (16, 1, 25, 4, 8, 2))
    for channels, multiple, taps, weight_bits, bits, pe in (*shapes, *more):
        yield _unit(channels, multiple, taps, weight_bits, bits, pe, "lut", family)
    yield _unit(32, 1, 9, 1, 1, 8, "lut", family)
    yield _unit(64, 1, 9, 1, 4, 4, "lut", family)
    for channels, taps, pe in ((32, 9, 4), (16, 9, 1), (64, 5, 8), (8, 9, 8)):
        yield _unit(channels, 1, taps, 8, 8, pe, "dsp", family)


def _unit(
    channels: int, multiple: int, taps: int, weight_bits: int, bits: int, pe: int, multiplier: str, family: str
) -> DepthwiseUnit:
    drawn = np.random.default_rng(channels).integers(0, 1 << weight_bits, (channels, multiple, taps))
    weights = 2 * drawn - 1 if weight_bits == 1 else drawn - (1 << (weight_bits - 1))
    return DepthwiseUnit(weights, 196, bits, bits == 8, pe, multiplier=multiplier, family=family)
