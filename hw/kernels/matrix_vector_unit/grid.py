"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit


def grid(family: str) -> Iterator[MatrixVectorUnit]:
    """Layers of networks of 1, 2, 4 and 8 bits, folded by much and by little."""
    logic = (
        (16, 80, 4, 4, 1, 2),
        (16, 80, 4, 4, 4, 4),
        (16, 300, 4, 8, 2, 4),
        (32, 144, 4, 4, 8, 4),
        (10, 32, 4, 4, 1, 1),
    )
    few = ((64, 256, 1, 1, 4, 16), (64, 576, 1, 1, 8, 32), (64, 784, 1, 8, 2, 4), (64, 288, 2, 2, 4, 8))
    more = (
        (64, 64, 2, 2, 16, 4),
        (32, 64, 1, 2, 4, 16),
        (10, 64, 2, 4, 10, 2),
        (8, 8, 4, 4, 8, 8),
        (32, 256, 3, 3, 4, 4),
    )
    for rows, columns, weight_bits, bits, pe, simd in (*logic, *few, *more):
        yield _unit(rows, columns, weight_bits, bits, pe, simd, "lut", family)
    dsps = (
        (16, 300, 8, 8, 2, 4),
        (16, 80, 4, 4, 4, 4),
        (32, 64, 8, 8, 8, 2),
        (10, 128, 8, 8, 1, 1),
        (64, 288, 4, 4, 8, 8),
    )
    for rows, columns, weight_bits, bits, pe, simd in dsps:
        yield _unit(rows, columns, weight_bits, bits, pe, simd, "dsp", family)


def _unit(
    rows: int, columns: int, weight_bits: int, bits: int, pe: int, simd: int, multiplier: str, family: str
) -> MatrixVectorUnit:
    drawn = np.random.default_rng(rows).integers(0, 1 << weight_bits, (rows, columns))
    weights = 2 * drawn - 1 if weight_bits == 1 else drawn - (1 << (weight_bits - 1))
    return MatrixVectorUnit(weights, 64, bits, bits == 8, pe, simd, multiplier=multiplier, family=family)
