"""Matrix-vector units without multipliers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hw.kernels.conformance import synthesize
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from tests.bench.figures import Figure

CASES = (
    # rows, columns, weights, input bits, PE, SIMD, family, LUTs that were asked for
    (16, 72, tuple(range(-8, 8)), 4, 4, 9, "xcup", 1250),
    (64, 72, tuple(range(-8, 8)), 4, 4, 9, "xcup", 1000),  # weights in block RAM
    (64, 72, tuple(range(-8, 8)), 4, 4, 9, "xc7", 1000),
    (64, 72, tuple(range(-8, 8)), 4, 4, 9, "ecp5", None),
    (16, 64, (-1, 1), 1, 4, 32, "xc7", None),
    (16, 128, (-1, 0, 1), 2, 4, 32, "xc7", None),
)


def measure() -> Iterator[Figure]:
    for rows, columns, values, bits, pe, simd, family, most in CASES:
        weights = np.random.default_rng(0).choice(values, (rows, columns))
        unit = MatrixVectorUnit(weights, vectors=4, bits=bits, pe=pe, simd=simd, family=family)
        made = synthesize(unit, family)
        what = (
            f"{family} {rows} x {columns}, PE {pe}, SIMD {simd}, {bits}-bit inputs, weights {values[0]}..{values[-1]}, "
            f"form {unit.product.name}, weights in {'block RAM' if made.bram else 'LUTs'}"
        )
        yield Figure(what, made.lut, "LUT", "yosys estimate", at_most=most)
