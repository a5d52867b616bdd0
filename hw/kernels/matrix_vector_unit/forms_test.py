"""The forms of a dot product for operands of few bits: the same integers from each, and the smallest one chosen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hw.kernels.conformance import check_resources, conform, simulator
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit


def drawn(values: tuple[int, ...], rows: int, columns: int) -> np.ndarray:
    """Random weights out of ``values``, with a row of the smallest and one of the largest."""
    weights = np.random.default_rng(0).choice(values, (rows, columns))
    weights[0], weights[-1] = min(values), max(values)
    return weights


SIGNS, TERNARY, TWO, UNSIGNED = (-1, 1), (-1, 0, 1), (-2, -1, 0, 1), (0, 1, 2, 3)

CASES: dict[str, dict[str, Any]] = {
    "1 x sign, pairs": {"weights": drawn(SIGNS, 6, 20), "bits": 1, "pe": 2, "simd": 10},
    "1 x sign, threes": {"weights": drawn(SIGNS, 6, 20), "bits": 1, "pe": 2, "simd": 10, "family": "xc7"},
    "1 x sign, many lanes": {"weights": drawn(SIGNS, 4, 74), "bits": 1, "simd": 37, "family": "xcup"},
    "1 x sign, one lane": {"weights": drawn(SIGNS, 4, 6), "bits": 1},
    "1 signed x sign": {"weights": drawn(SIGNS, 4, 14), "bits": 1, "signed": True, "simd": 7},
    "1 x ternary": {"weights": drawn(TERNARY, 4, 14), "bits": 1, "pe": 2, "simd": 7},
    "1 x 0 or 1": {"weights": drawn((0, 1), 4, 14), "bits": 1, "pe": 2, "simd": 7},
    "1 x 4": {"weights": drawn(tuple(range(-8, 8)), 4, 14), "bits": 1, "pe": 2, "simd": 7},
    "4 x 0 or 1": {"weights": drawn((0, 1), 4, 14), "bits": 4, "pe": 2, "simd": 7},
    "4 signed x 0 or 1": {"weights": drawn((0, 1), 4, 14), "bits": 4, "signed": True, "pe": 2, "simd": 7},
    "1 signed x 2 unsigned": {"weights": drawn(UNSIGNED, 4, 14), "bits": 1, "signed": True, "pe": 2, "simd": 7},
    "2 x sign": {"weights": drawn(SIGNS, 4, 14), "bits": 2, "pe": 2, "simd": 7},
}


@pytest.mark.parametrize("case", CASES)
def test_tables_conform(case: str) -> None:
    unit = MatrixVectorUnit(**CASES[case], vectors=3)
    assert unit.product.name == "table"
    conform(unit, guarded=False)


@pytest.mark.parametrize(("multiplier", "form"), [("lut", "booth"), ("dsp", "multiplier")])
def test_signs_conform_in_the_other_forms(multiplier: str, form: str) -> None:
    unit = MatrixVectorUnit(drawn(SIGNS, 4, 12), vectors=3, bits=8, pe=1, simd=3, multiplier=multiplier)
    assert (unit.product.name, unit.product.operands.bipolar) == (form, True)
    conform(unit, guarded=False)


def test_every_product_of_a_table() -> None:
    """Every input times every weight, written out one by one."""
    unit = MatrixVectorUnit(np.arange(-4, 4).reshape(-1, 1), vectors=8, bits=3, family="xcup")
    assert unit.product.name == "table"
    words = np.tile(np.arange(8).reshape(1, -1, 1), (6, 1, 1))
    conform(unit, frames=6, stimulus=lambda rng, frames: [words], guarded=False)
    expected = [x * w for x in range(8) for w in range(-4, 4)]
    assert unit.reference(words)[0][0, :, 0].tolist() == expected


def test_signs_take_a_bit_of_memory_each() -> None:
    unit = MatrixVectorUnit(np.array([[1, -1, -1, 1], [-1, 1, 1, 1]]), vectors=1, bits=1, simd=2)
    memory = unit.memories()["WEIGHTS"]
    assert (memory.bits, memory.words) == (2, (0b01, 0b10, 0b10, 0b11))
    assert MatrixVectorUnit(drawn(SIGNS, 4, 8), vectors=1, bits=8).memories()["WEIGHTS"].bits == 1
    assert MatrixVectorUnit(drawn(TERNARY, 4, 8), vectors=1, bits=8).memories()["WEIGHTS"].bits == 2


def test_the_smallest_form_is_chosen() -> None:
    assert MatrixVectorUnit(drawn(TWO, 8, 32), 1, 2, pe=4, simd=32).product.name == "booth"
    assert MatrixVectorUnit(drawn(TWO, 8, 32), 1, 2, pe=4, simd=32, family="xc7").product.name == "chain"


@pytest.mark.parametrize(
    ("values", "bits", "family"),
    [
        (SIGNS, 1, "ecp5"),
        (SIGNS, 1, "xc7"),
        (SIGNS, 1, "xcup"),
        (TERNARY, 1, "ecp5"),
        (SIGNS, 2, "ecp5"),
        (TWO, 2, "xcup"),
    ],
)
def test_resources(values: tuple[int, ...], bits: int, family: str) -> None:
    unit = MatrixVectorUnit(drawn(values, 16, 64), vectors=100, bits=bits, pe=4, simd=16, family=family)
    check_resources(unit, family)


@pytest.mark.parametrize("case", ["1 x sign, pairs", "1 x sign, threes", "4 signed x 0 or 1"])
def test_the_behavioural_form_gives_the_same(case: str) -> None:
    """What simulators of whole designs get in place of the gates."""
    unit = MatrixVectorUnit(**CASES[case], vectors=3)
    assert unit.product.name == "table"
    words = unit.inputs[0].stream.random(np.random.default_rng(3), 20, unit.inputs[0].words)
    with simulator(unit, behavioural=True) as simulation:
        result = simulation.run([words])
    np.testing.assert_array_equal(result.outputs[0], unit.reference(words)[0])
    assert result.interval == unit.cycles().interval
