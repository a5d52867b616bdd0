"""Several products a DSP: the matrix-vector unit at MW 72, MH 16, PE 4, SIMD 9, 4 x 4 bits, where DSPs are wished."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hw.kernels.conformance import synthesize
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from tests.bench.figures import Figure

FINN = 833
"""LUTs that finn-rtllib's unit takes with the same yosys, with 9 DSP48E2 and without a memory for its weights."""
BARS = {"xcup": (FINN - 1, 9), "xc7": (FINN - 1, 9), "ecp5": (1100, 45)}
"""LUTs and DSPs, at most, by part family."""


def measure() -> Iterator[Figure]:
    """Synthesize the unit, with all of its memories, buffers and control, for every family."""
    for family, (luts, dsps) in BARS.items():
        made = unit(family)
        used, said = synthesize(made, family), made.resources(family)
        yield Figure(f"{family}, LUTs", used.lut, "LUT", "yosys estimate", at_most=luts)
        yield Figure(f"{family}, DSPs", used.dsp, "DSP", "yosys estimate", at_most=dsps)
        yield Figure(f"{family}, flip-flops", used.ff, "FF", "yosys estimate")
        yield Figure(f"{family}, block RAMs of 18 kbit", used.bram, "BRAM", "yosys estimate")
        yield Figure(f"{family}, LUTs by the model", said.lut, "LUT", "model")
        yield Figure(f"{family}, interval", made.cycles().interval, "cycles", "model")


def unit(family: str) -> MatrixVectorUnit:
    """Return the unit with random weights of the whole range, for unsigned inputs."""
    weights = np.random.default_rng(0).integers(-8, 8, (16, 72))
    return MatrixVectorUnit(weights, vectors=4, bits=4, pe=4, simd=9, multiplier="dsp", family=family)
