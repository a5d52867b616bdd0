"""The matrix-vector unit's RTL at every edge of its parameters."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from codesign.errors import UserError
from hw.kernels.conformance import check_resources, conform
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit


def matrix(rows: int, columns: int, low: int = -8, high: int = 7, seed: int = 0) -> np.ndarray:
    """Random weights with both ends of their range and a row of zeros."""
    weights = np.random.default_rng(seed).integers(low, high, (rows, columns), np.int64, endpoint=True)
    weights[0] = low
    weights[-1] = high
    if rows > 2:
        weights[1] = 0
    return weights


def groups(sets: int, rows: int, columns: int) -> np.ndarray:
    """As many different matrices."""
    return np.stack([matrix(rows, columns, seed=seed) for seed in range(sets)])


CASES: dict[str, dict[str, Any]] = {
    "plain": {"weights": matrix(8, 32), "vectors": 3, "bits": 4, "simd": 2},
    "one word a vector": {"weights": matrix(10, 4), "vectors": 5, "bits": 4, "simd": 4, "pe": 2},
    "one pass": {"weights": matrix(10, 12), "vectors": 3, "bits": 4, "simd": 2, "pe": 10},
    "one word and one pass": {"weights": matrix(4, 4), "vectors": 6, "bits": 4, "simd": 4, "pe": 4},
    "one column": {"weights": matrix(3, 1), "vectors": 4, "bits": 4},
    "one weight": {"weights": matrix(1, 1), "vectors": 4, "bits": 4},
    "one lane": {"weights": matrix(10, 6), "vectors": 2, "bits": 4, "pe": 1},
    "two rows": {"weights": matrix(10, 6), "vectors": 2, "bits": 4, "pe": 2, "simd": 3},
    "five rows": {"weights": matrix(10, 9), "vectors": 2, "bits": 4, "pe": 5, "simd": 3},
    "odd number of words": {"weights": matrix(6, 15), "vectors": 4, "bits": 4, "pe": 2, "simd": 3},
    "many lanes": {"weights": matrix(4, 80), "vectors": 3, "bits": 4, "pe": 2, "simd": 20},
    "block buffer": {"weights": matrix(4, 72), "vectors": 2, "bits": 4, "pe": 2, "simd": 2},
    "one vector": {"weights": matrix(4, 16), "vectors": 1, "bits": 4, "simd": 4},
    "binary inputs": {"weights": matrix(6, 16), "vectors": 3, "bits": 1, "pe": 2, "simd": 4},
    "signed inputs": {"weights": matrix(6, 24), "vectors": 3, "bits": 8, "signed": True, "pe": 2, "simd": 4},
    "signed binary inputs": {"weights": matrix(6, 16), "vectors": 3, "bits": 1, "signed": True, "simd": 4},
    "wide weights": {"weights": matrix(6, 24, -128, 127), "vectors": 3, "bits": 8, "signed": True, "pe": 2, "simd": 2},
    "narrow weights": {"weights": matrix(6, 24, -1, 1), "vectors": 3, "bits": 4, "simd": 4},
    "three bits": {"weights": matrix(6, 24, -4, 3), "vectors": 3, "bits": 3, "simd": 4},
    "five bits": {"weights": matrix(6, 24, -16, 15), "vectors": 3, "bits": 4, "simd": 2},
    "unsigned weights": {"weights": matrix(6, 24, 0, 15), "vectors": 3, "bits": 4, "simd": 2},
    "binary weights": {"weights": matrix(6, 24, 0, 1), "vectors": 3, "bits": 1, "simd": 8},
    "zeros": {"weights": np.zeros((2, 6), np.int64), "vectors": 3, "bits": 4, "simd": 2},
    "negative weights": {"weights": matrix(4, 8, -8, -1), "vectors": 3, "bits": 4, "simd": 2},
    "groups": {"weights": groups(3, 4, 6), "vectors": 6, "bits": 4, "pe": 2, "simd": 2},
    "aligned groups": {"weights": groups(2, 6, 8), "vectors": 4, "bits": 4, "pe": 2, "simd": 2},
    "groups of one pass": {"weights": groups(3, 4, 6), "vectors": 3, "bits": 4, "pe": 4, "simd": 2},
    "groups of one word": {"weights": groups(3, 4, 6), "vectors": 6, "bits": 4, "pe": 2, "simd": 6},
    "groups of one word and one pass": {"weights": groups(3, 4, 6), "vectors": 6, "bits": 4, "pe": 4, "simd": 6},
}


@pytest.mark.parametrize("multiplier", ["lut", "dsp"])
@pytest.mark.parametrize("case", CASES)
def test_conforms(case: str, multiplier: str) -> None:
    conform(MatrixVectorUnit(**CASES[case], multiplier=multiplier), guarded=case in ("plain", "one pass"))


IN_MEMORY: dict[str, Any] = {"weights": matrix(16, 16), "vectors": 4, "bits": 4, "pe": 2, "simd": 4}
"""32 words of 32 bits."""


@pytest.mark.parametrize("memory", ["lut", "block"])
def test_conforms_with_weights_in(memory: str) -> None:
    unit = MatrixVectorUnit(**IN_MEMORY, memory=memory)
    assert unit.verilog_parameters()["ROM_FORM"] == memory
    conform(unit, guarded=False)
    check_resources(unit, "ecp5")
    assert (unit.resources("ecp5").bram == 0) == (memory == "lut")


@pytest.mark.parametrize("simd", [1, 4, 16])
@pytest.mark.parametrize("family", ["ecp5", "xc7"])
def test_forms_are_all_that_differ(family: str, simd: int) -> None:
    """The first is what is taken where nobody asks; what is not among them is like one that is."""
    unit = MatrixVectorUnit(**{**IN_MEMORY, "pe": 16, "simd": simd}, family=family)
    made = [str(unit.fold(**form).verilog_parameters()) for form in unit.forms()]
    assert made[0] == str(unit.verilog_parameters()) and len(set(made)) == len(made)
    for multiplier, memory in product(("lut", "dsp"), ("lut", "block") if unit.depth > 1 else ("lut",)):
        assert str(unit.fold(multiplier=multiplier, memory=memory).verilog_parameters()) in made


def test_runs_at_full_rate_for_long() -> None:
    conform(MatrixVectorUnit(matrix(10, 8), vectors=2, bits=4, pe=5, simd=8), frames=50, guarded=False)


def test_random_parameters() -> None:
    rng = np.random.default_rng(7)
    for seed in range(6):
        pe, simd = rng.integers(1, 6, 2)
        rows, columns = pe * rng.integers(1, 5), simd * rng.integers(1, 12)
        bits, weight_bits = rng.integers(1, 9, 2)
        signed = bool(rng.integers(2))
        low, high = (
            (-(1 << weight_bits) // 2, (1 << weight_bits) // 2 - 1) if rng.integers(2) else (0, 1 << weight_bits)
        )
        weights = matrix(rows, columns, low, high, seed)
        kernel = MatrixVectorUnit(weights, int(rng.integers(1, 5)), int(bits), signed, int(pe), int(simd))
        conform(kernel, seed=seed, guarded=False)


@pytest.mark.parametrize("multiplier", ["lut", "dsp"])
def test_every_product(multiplier: str) -> None:
    """Every input times every weight, summed one by one from what the simulation shows."""
    weights = np.arange(-8, 8).reshape(16, 1)
    kernel = MatrixVectorUnit(weights, vectors=16, bits=4, multiplier=multiplier)
    words = np.tile(np.arange(16).reshape(1, 16, 1), (6, 1, 1))
    conform(kernel, frames=6, stimulus=lambda rng, frames: [words], guarded=False)
    assert kernel.reference(words)[0][0, :, 0].tolist() == [x * w for x in range(16) for w in range(-8, 8)]


def test_sets_of_weights_take_turns() -> None:
    """Against products written out one by one: the n-th vector meets set n mod G, the G results are channels."""
    weights = groups(3, 4, 6)
    x = np.random.default_rng(1).integers(0, 16, (2, 6, 6))
    (found,) = MatrixVectorUnit(weights, vectors=6, bits=4, pe=2, simd=3).reference(x.reshape(2, -1, 3))
    expected = [[(weights[n % 3, r] * x[f, n]).sum() for n in range(6) for r in range(4)] for f in range(2)]
    assert found.reshape(2, -1).tolist() == expected


def test_output_bits_follow_the_inputs_range() -> None:
    weights = np.array([[1, 1], [-1, 2]])
    assert MatrixVectorUnit(weights, 1, 4).outputs[0].stream.bits == 6  # -15 to 30
    assert MatrixVectorUnit(weights, 1, 4, low=0, high=10).outputs[0].stream.bits == 6  # -10 to 20
    assert MatrixVectorUnit(weights, 1, 4, high=np.array([3, 1])).outputs[0].stream.bits == 4  # -3 to 4
    assert (
        MatrixVectorUnit(np.stack([weights, weights]), 2, 4, high=np.array([[3, 1], [3, 3]])).outputs[0].stream.bits
        == 4
    )
    assert not MatrixVectorUnit(np.abs(weights), 1, 4).outputs[0].stream.signed
    assert MatrixVectorUnit(weights, 1, 4, acc_bits=20).outputs[0].stream.bits == 20


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pe": 4}, "MatrixVectorUnit PE must divide MH=10, not 4"),
        ({"simd": 5}, "MatrixVectorUnit SIMD must divide MW=6, not 5"),
        ({"simd": 0}, "MatrixVectorUnit SIMD must divide MW=6, not 0"),
        ({"vectors": 0}, "MatrixVectorUnit vectors must be at least 1, not 0"),
        ({"weights": groups(3, 10, 6), "vectors": 4}, "MatrixVectorUnit vectors must be a multiple of G=3, not 4"),
        ({"multiplier": "carry"}, "MatrixVectorUnit multiplier must be lut or dsp, not carry"),
        ({"memory": "ultra"}, "MatrixVectorUnit memory must be one of auto, lut, block, not ultra"),
        ({"weights": matrix(10, 7), "memory": "lut"}, "may be lut for at most 64 words of weights, not 70"),
        ({"pe": 10, "simd": 6, "memory": "block"}, "cannot be block for one word of weights"),
        ({"acc_bits": 3}, "MatrixVectorUnit acc_bits must be at least 11, which its outputs need, not 3"),
    ],
)
def test_refuses(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        MatrixVectorUnit(**{"weights": matrix(10, 6), "vectors": 2, "bits": 4, **changes})


LOADS: dict[str, dict[str, Any]] = {
    "small": {"weights": matrix(16, 128), "vectors": 100, "bits": 4, "simd": 2},
    "signed": {"weights": matrix(16, 480), "vectors": 100, "bits": 8, "signed": True, "pe": 2, "simd": 4},
    "one pass": {"weights": matrix(10, 48)[2:], "vectors": 10, "bits": 4, "pe": 8, "simd": 2},
}


@pytest.mark.parametrize("multiplier", ["lut", "dsp"])
@pytest.mark.parametrize("load", LOADS)
def test_resources_ecp5(load: str, multiplier: str) -> None:
    check_resources(MatrixVectorUnit(**LOADS[load], multiplier=multiplier), "ecp5")


@pytest.mark.parametrize(("family", "multiplier"), [("xc7", "lut"), ("xcup", "dsp")])
def test_resources_amd(family: str, multiplier: str) -> None:
    check_resources(MatrixVectorUnit(**LOADS["signed"], multiplier=multiplier, family=family), family)
