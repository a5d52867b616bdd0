"""Matrix-vector units without multipliers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hw.kernels.conformance import synthesize
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from tests.bench.figures import Figure

CASES = (
    # rows, columns, weights, input bits, PE, SIMD, family, memory of the weights, LUTs that were asked for
    (16, 72, tuple(range(-8, 8)), 4, 4, 9, "xcup", "lut", 1250),
    (16, 72, tuple(range(-8, 8)), 4, 4, 9, "xcup", "block", 1000),
    (16, 72, tuple(range(-8, 8)), 4, 4, 9, "xc7", "block", 1000),
    (64, 72, tuple(range(-8, 8)), 4, 4, 9, "ecp5", "auto", None),
    (16, 64, (-1, 1), 1, 4, 32, "xc7", "auto", None),
    (16, 128, (-1, 0, 1), 2, 4, 32, "xc7", "auto", None),
)


def measure() -> Iterator[Figure]:
    for rows, columns, values, bits, pe, simd, family, memory, most in CASES:
        weights = np.random.default_rng(0).choice(values, (rows, columns))
        unit = MatrixVectorUnit(weights, 4, bits, pe=pe, simd=simd, family=family, memory=memory)
        made = synthesize(unit, family)
        what = (
            f"{family} {rows} x {columns}, PE {pe}, SIMD {simd}, {bits}-bit inputs, weights {values[0]}..{values[-1]}, "
            f"form {unit.product.name}, weights in {'block RAM' if made.bram else 'LUTs'}"
        )
        yield Figure(what, made.lut, "LUT", "yosys estimate", at_most=most)
