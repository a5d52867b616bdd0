"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit


def grid(family: str) -> Iterator[MatrixVectorUnit]:
    """Layers of networks of 1, 2, 4 and 8 bits, folded by much and by little; sets of weights, and loaded ones."""
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
    sets = ((16, 48, 2, 4), (64, 144, 4, 8), (32, 36, 2, 9), (16, 96, 8, 12))
    for rows, columns, pe, simd in sets:
        yield _sets(rows, columns, pe, simd, family, streamed=True)
    yield _sets(16, 48, 2, 4, family)
    yield _sets(32, 72, 4, 4, family)
    for rows, columns, pe, simd in ((64, 576, 4, 4), (128, 384, 8, 6), (64, 512, 2, 8)) if family == "xcup" else ():
        yield dataclasses.replace(_unit(rows, columns, 4, 4, pe, simd, "lut", family), memory="ultra")
        yield _sets(rows, columns, pe, simd, family, streamed=True, memory="ultra")


def _unit(
    rows: int, columns: int, weight_bits: int, bits: int, pe: int, simd: int, multiplier: str, family: str
) -> MatrixVectorUnit:
    drawn = np.random.default_rng(rows).integers(0, 1 << weight_bits, (rows, columns))
    weights = 2 * drawn - 1 if weight_bits == 1 else drawn - (1 << (weight_bits - 1))
    return MatrixVectorUnit(weights, 64, bits, bits == 8, pe, simd, multiplier=multiplier, family=family)


def _sets(rows: int, columns: int, pe: int, simd: int, family: str, **changes: Any) -> MatrixVectorUnit:
    """Five sets of weights of 4 bits, a block of 20 vectors each."""
    weights = np.random.default_rng(rows).integers(-8, 8, (5, 1, rows, columns))
    return MatrixVectorUnit(weights, 100, 4, pe=pe, simd=simd, family=family, **changes)
