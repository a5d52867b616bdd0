"""Several products of one multiplier: every one of them, for every part family."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hw.kernels.conformance import check_resources, conform, parameters, simulator
from hw.kernels.matrix_vector_unit.forms.packed import Packed
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from hw.sim import compile_simulator
from hw.synth import yosys
from hw.synth.netlist import simulation_model


def drawn(low: int, high: int, rows: int, columns: int) -> np.ndarray:
    """Random weights, with a row of the smallest and one of the largest, and one where they take turns."""
    weights = np.random.default_rng(rows).integers(low, high, (rows, columns), np.int64, endpoint=True)
    weights[0], weights[-1], weights[rows // 2] = low, high, np.resize((low, high), columns)
    return weights


def unit(weights: np.ndarray, **parameters: Any) -> MatrixVectorUnit:
    return MatrixVectorUnit(weights, **{"vectors": 3, "bits": 4, "multiplier": "dsp", **parameters})


def form(made: MatrixVectorUnit) -> Packed:
    assert isinstance(made.product, Packed)
    return made.product


CASES: dict[str, dict[str, Any]] = {
    "four rows": {"weights": drawn(-8, 7, 8, 9), "pe": 4, "simd": 3, "family": "xcup"},
    "four rows, offset": {"weights": drawn(-8, 7, 8, 9), "pe": 4, "simd": 3, "family": "xc7"},
    "four rows of a narrow range": {"weights": drawn(-7, 7, 8, 9), "pe": 4, "simd": 3, "family": "xc7"},
    "two rows": {"weights": drawn(-8, 7, 8, 9), "pe": 4, "simd": 3},
    "rows left over": {"weights": drawn(-8, 7, 14, 5), "pe": 7, "family": "xc7"},
    "one row left over": {"weights": drawn(-8, 7, 3, 4), "pe": 3, "simd": 4},
    "all the smallest": {"weights": np.full((8, 10), -8), "pe": 8, "simd": 5, "family": "xcup"},
    "signed inputs": {"weights": drawn(-8, 7, 10, 4), "pe": 5, "simd": 2, "signed": True, "family": "xcup"},
    "8 bits": {"weights": drawn(-8, 7, 4, 6), "pe": 2, "simd": 2, "bits": 8, "signed": True, "family": "xcup"},
    "unsigned": {"weights": drawn(0, 7, 6, 4), "pe": 3, "simd": 2, "bits": 3, "family": "xcup"},
    "signed inputs, unsigned weights": {"weights": drawn(0, 7, 6, 4), "pe": 6, "simd": 2, "signed": True, "bits": 2},
    "2 x 2": {"weights": drawn(-2, 1, 16, 8), "pe": 8, "simd": 4, "bits": 2, "family": "xcup"},
    "4 x sign": {"weights": drawn(0, 1, 6, 8) * 2 - 1, "pe": 6, "simd": 4, "family": "xc7"},
}


@pytest.mark.parametrize("case", CASES)
def test_conforms(case: str) -> None:
    made = unit(**CASES[case])
    assert form(made).packing.rows > 1
    conform(made, frames=6, guarded=False)


@pytest.mark.parametrize(("family", "offsets"), [("xcup", (0, 8, 15, 22)), ("xc7", (0, 7, 14, 21)), ("ecp5", (0, 8))])
def test_every_product(family: str, offsets: tuple[int, ...]) -> None:
    """All weights of 4 bits that can lie in a multiplier, with all inputs of 4 bits, against NumPy's products."""
    rows = len(offsets)
    weights = np.indices((16,) * rows).reshape(rows, -1).T.reshape(-1, 1) - 8
    made = unit(weights, vectors=16, pe=rows, family=family)
    assert form(made).packing.offsets == offsets and form(made).multipliers == 1
    with simulator(made) as simulation:
        found = simulation.run([np.arange(16).reshape(1, 16, 1)]).outputs[0]
    expected = np.arange(16)[:, None] * weights.reshape(1, -1)
    np.testing.assert_array_equal(found.reshape(16, -1), expected)


@pytest.mark.parametrize("family", ["xcup", "xc7"])
def test_the_netlist_gives_the_same(family: str, tmp_path: Path) -> None:
    """With the DSP's own model: its registers, its adder, and the signs of its operands."""
    made = unit(drawn(-8, 7, 16, 4), pe=4, simd=2, family=family)
    for name, memory in made.memories().items():
        (tmp_path / f"{name}.hex").write_text(memory.hex())
    mapped = yosys.synthesize(made.sources(), made.module, family, tmp_path, parameters(made), data=tmp_path)
    assert mapped.total.dsp == 2
    model = simulation_model(mapped.json, made.module, tmp_path / "netlist.v")
    words = np.random.default_rng(0).integers(0, 16, (100, made.inputs[0].words, 2))
    simulation = compile_simulator(made.module, [model], made.inputs, made.outputs, optimise=False)
    np.testing.assert_array_equal(simulation.run([words]).outputs[0], made.reference(words)[0])


def test_narrow_range_is_stored_in_its_own_bits() -> None:
    for low, bits in ((-8, 4 + 3 * 5), (-7, 4 * 4)):
        made = unit(drawn(low, 7, 8, 9), pe=4, simd=3, family="xcup")
        assert made.memories()["WEIGHTS"].bits == form(made).word_bits == 3 * bits


def test_what_does_not_pack() -> None:
    wide = unit(drawn(-2048, 2047, 4, 6), bits=8, pe=4, simd=3, family="xcup")
    assert wide.product.name == "multiplier"
    assert unit(drawn(-8, 7, 4, 6), pe=1, simd=3, family="xcup").product.multiplier == "lut"
    assert unit(drawn(-8, 7, 4, 6), bits=1, pe=4, simd=3, family="xcup").product.multiplier == "lut"
    assert unit(drawn(-8, 7, 4, 6), pe=4, simd=3, family="xcup", multiplier="lut").product.multiplier == "lut"


@pytest.mark.parametrize(("family", "dsps"), [("xcup", 4), ("xc7", 4), ("ecp5", 8)])
def test_resources(family: str, dsps: int) -> None:
    """One multiplier for four rows, or two: also in what synthesis makes."""
    made = unit(drawn(-8, 7, 16, 32), pe=4, simd=4, family=family)
    assert form(made).resources().dsp == dsps
    check_resources(made, family)
