"""The matrix-vector unit, with several products a DSP and in LUTs; first at MW 72, MH 16, PE 4, SIMD 9, 4 x 4 bits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hw.kernels.conformance import synthesize
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from tests.bench.figures import Figure

FINN = 833
"""LUTs that finn-rtllib's unit takes with the same yosys, with 9 DSP48E2 and without a memory for its weights."""
WHOLE = tuple(range(-8, 8))


@dataclass(frozen=True)
class Case:
    """A unit, for unsigned inputs and random weights, and what it may take.

    Attributes:
        family: of the part.
        multiplier, memory: what is wished of the unit.
        luts, dsps: at most, None for no limit.
        rows, columns: MH and MW.
        weights: their values.
        bits: of the inputs.
        simd: of the unit; PE is 4.
    """

    family: str
    multiplier: str = "lut"
    memory: str = "auto"
    luts: int | None = None
    dsps: int | None = None
    rows: int = 16
    columns: int = 72
    weights: tuple[int, ...] = WHOLE
    bits: int = 4
    simd: int = 9

    def unit(self) -> MatrixVectorUnit:
        """Return the unit."""
        weights = np.random.default_rng(0).choice(self.weights, (self.rows, self.columns))
        return MatrixVectorUnit(
            weights, 4, self.bits, pe=4, simd=self.simd, multiplier=self.multiplier, memory=self.memory,
            family=self.family,
        )  # fmt: skip


CASES = (
    Case("xcup", "dsp", luts=FINN - 1, dsps=9),
    Case("xc7", "dsp", luts=FINN - 1, dsps=9),
    Case("ecp5", "dsp", luts=1100, dsps=45),
    Case("xcup", memory="lut", luts=1250),
    Case("xcup", memory="block", luts=1000),
    Case("xc7", memory="block", luts=1000),
    Case("ecp5", rows=64),
    Case("xc7", columns=64, weights=(-1, 1), bits=1, simd=32),
    Case("xc7", columns=128, weights=(-1, 0, 1), bits=2, simd=32),
)


def measure() -> Iterator[Figure]:
    """Synthesize each unit, with all of its memories, buffers and control."""
    for case in CASES:
        unit = case.unit()
        used, said = synthesize(unit, case.family), unit.resources(case.family)
        what = (
            f"{case.family} {case.rows} x {case.columns}, SIMD {case.simd}, {case.bits}-bit inputs, weights "
            f"{case.weights[0]}..{case.weights[-1]} in {'block RAM' if used.bram else 'LUTs'}, form {unit.product.name}"
        )
        yield Figure(f"{what}, LUTs", used.lut, "LUT", "yosys estimate", at_most=case.luts)
        yield Figure(f"{what}, DSPs", used.dsp, "DSP", "yosys estimate", at_most=case.dsps)
        yield Figure(f"{what}, flip-flops", used.ff, "FF", "yosys estimate")
        yield Figure(f"{what}, block RAMs of 18 kbit", used.bram, "BRAM", "yosys estimate")
        yield Figure(f"{what}, LUTs by the model", said.lut, "LUT", "model")
