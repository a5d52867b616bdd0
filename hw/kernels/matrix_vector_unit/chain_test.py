"""Chains of adders that multiply: every sort of operand against the operator, and what they take."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hw.kernels.conformance import check_resources, conform, simulator
from hw.kernels.matrix_vector_unit.forms.chain import Chain
from hw.kernels.matrix_vector_unit.forms.form import Operands
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit


def drawn(low: int, high: int, rows: int, columns: int) -> np.ndarray:
    """Random weights, with a row of the smallest and one of the largest."""
    weights = np.random.default_rng(0).integers(low, high, (rows, columns), endpoint=True)
    weights[0], weights[-1] = low, high
    return weights


SIGNS = np.random.default_rng(1).choice([-1, 1], (6, 14))

CASES: dict[str, dict[str, Any]] = {
    "4 x 4": {"weights": drawn(-8, 7, 8, 28), "bits": 4, "pe": 2, "simd": 7},
    "4 x 4, one word": {"weights": drawn(-8, 7, 4, 9), "bits": 4, "pe": 2, "simd": 9, "family": "xc7"},
    "4 signed x 4": {"weights": drawn(-8, 7, 6, 12), "bits": 4, "signed": True, "pe": 2, "simd": 4},
    "1 signed x 4": {"weights": drawn(-8, 7, 6, 12), "bits": 1, "signed": True, "pe": 2, "simd": 4},
    "8 signed x 8": {"weights": drawn(-128, 127, 6, 8), "bits": 8, "signed": True, "pe": 2, "simd": 4},
    "8 x 8 unsigned": {"weights": drawn(0, 255, 6, 8), "bits": 8, "pe": 2, "simd": 4},
    "3 x 5": {"weights": drawn(-16, 15, 6, 15), "bits": 3, "simd": 5},
    "3 x 3 unsigned": {"weights": drawn(0, 7, 6, 15), "bits": 3, "simd": 5},
    "4 signed x 4 unsigned": {"weights": drawn(0, 15, 6, 12), "bits": 4, "signed": True, "simd": 6},
    "2 x ternary": {"weights": drawn(-1, 1, 6, 14), "bits": 2, "pe": 2, "simd": 14},
    "2 signed x 2": {"weights": drawn(-2, 1, 6, 14), "bits": 2, "signed": True, "pe": 3, "simd": 7},
    "8 x sign": {"weights": SIGNS, "bits": 8, "pe": 2, "simd": 7},
    "4 x 0 or 1": {"weights": drawn(0, 1, 6, 14), "bits": 4, "pe": 2, "simd": 7},
}


@pytest.mark.parametrize("case", CASES)
def test_conforms(case: str) -> None:
    unit = MatrixVectorUnit(**{"family": "xcup", **CASES[case]}, vectors=3)
    assert unit.product.name == "chain"
    conform(unit, guarded=False)


def test_every_product() -> None:
    """Every input times every weight, in both lanes of a chain, summed one by one."""
    weights = np.array([[a, b] for a in range(-8, 8) for b in (-8, a, 7)])
    unit = MatrixVectorUnit(weights, vectors=16, bits=4, pe=4, simd=2, family="xcup")
    assert unit.product.name == "chain"
    words = np.tile(np.stack([np.arange(16), np.arange(16)[::-1]], -1).reshape(1, 16, 2), (6, 1, 1))
    conform(unit, frames=6, stimulus=lambda rng, frames: [words], guarded=False)
    expected = [x * a + (15 - x) * b for x in range(16) for a in range(-8, 8) for b in (-8, a, 7)]
    assert unit.reference(words)[0][0].ravel().tolist() == expected


def test_only_for_luts_of_six_inputs_and_more_than_a_lane() -> None:
    weights = drawn(-8, 7, 4, 8)[np.newaxis]
    fits = [Chain(Operands(weights, 4, False, family)).fits for family in ("ecp5", "xc7", "xcup")]
    assert fits == [False, True, True]
    assert not Chain(Operands(weights[:, :, :1], 4, False, "xc7")).fits


@pytest.mark.parametrize("case", ["4 x 4", "2 x ternary"])
def test_the_model_for_whole_designs_gives_the_same(case: str) -> None:
    unit = MatrixVectorUnit(**{"family": "xcup", **CASES[case]}, vectors=3)
    words = unit.inputs[0].stream.random(np.random.default_rng(3), 20, unit.inputs[0].words)
    with simulator(unit, behavioural=True) as simulation:
        result = simulation.run([words])
    np.testing.assert_array_equal(result.outputs[0], unit.reference(words)[0])


@pytest.mark.parametrize(
    ("low", "high", "bits", "family"), [(-8, 7, 4, "xcup"), (-1, 1, 2, "xc7"), (-128, 127, 8, "xcup")]
)
def test_resources(low: int, high: int, bits: int, family: str) -> None:
    """Enough words for weights in block RAM, so that what is compared is the chains."""
    check_resources(MatrixVectorUnit(drawn(low, high, 32, 96), 9, bits, pe=2, simd=8, family=family), family, 0.12)
