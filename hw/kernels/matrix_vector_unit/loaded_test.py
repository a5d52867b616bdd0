"""The matrix-vector unit with sets of weights, and with weights that come through the weight-load port."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from codesign.errors import UserError
from hw.kernels.conformance import check_resources, conform
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit


def drawn(*shape: int, seed: int = 0) -> np.ndarray:
    """Random weights of 4 bits with both ends of their range."""
    weights = np.random.default_rng(seed).integers(-8, 8, shape)
    weights.flat[:2] = -8, 7
    return weights


RESIDENT: dict[str, dict[str, Any]] = {
    "groups": {"weights": drawn(2, 3, 4, 9), "vectors": 12, "pe": 2, "simd": 3},
    "one pass": {"weights": drawn(5, 1, 4, 6), "vectors": 5, "pe": 4, "simd": 2},
}
LOADED: dict[str, dict[str, Any]] = {
    "ultra, packed": {"weights": drawn(8, 12), "vectors": 4, "pe": 1, "simd": 6, "memory": "ultra"},
    "ultra, in three pieces": {
        **{"weights": drawn(3, 1, 8, 12), "vectors": 6, "pe": 4, "simd": 12},
        **{"memory": "ultra", "multiplier": "dsp"},
    },
    "streamed": {"weights": drawn(3, 1, 8, 24), "vectors": 9, "pe": 2, "simd": 3},
    "streamed, block, one pass": {"weights": drawn(5, 1, 4, 24), "vectors": 10, "pe": 4, "simd": 3, "memory": "block"},
    "streamed, groups of a word": {"weights": drawn(3, 2, 2, 3), "vectors": 12, "pe": 2, "simd": 3},
    "streamed, slower than it computes": {
        **{"weights": drawn(3, 1, 8, 24), "vectors": 3, "pe": 8, "simd": 12, "memory": "ultra"},
    },
}


def unit(case: dict[str, Any], **changes: Any) -> MatrixVectorUnit:
    return MatrixVectorUnit(**{"bits": 4, "family": "xcup", **case, **changes})


def loaded(case: str) -> MatrixVectorUnit:
    return unit(LOADED[case], streamed="streamed" in case)


def other(kernel: MatrixVectorUnit) -> MatrixVectorUnit:
    """The same unit with other weights: the rows in another order."""
    return dataclasses.replace(kernel, weights=kernel.weights[..., ::-1, :])


@pytest.mark.parametrize("case", RESIDENT)
def test_sets_of_weights_take_blocks(case: str) -> None:
    kernel = unit(RESIDENT[case])
    conform(kernel, guarded=False)
    x = kernel.inputs[0].stream.random(np.random.default_rng(1), 2, kernel.inputs[0].words)
    blocks = x.reshape(2, kernel.sets, -1, kernel.groups, kernel.columns)
    expected = [
        [kernel.weights[s, g] @ blocks[f, s, v, g] for s, v, g in np.ndindex(*blocks.shape[1:4])] for f in range(2)
    ]
    np.testing.assert_array_equal(kernel.reference(x)[0].reshape(2, -1), np.reshape(expected, (2, -1)))


@pytest.mark.parametrize("case", LOADED)
def test_loaded_weights_conform(case: str) -> None:
    kernel = loaded(case)
    assert kernel.load() is not None and not kernel.memories()
    conform(kernel, beside=other(kernel))


@pytest.mark.parametrize("kernels", [("streamed", "ultra, packed"), ("ultra, in three pieces", "streamed")])
def test_different_units_in_a_chain(kernels: tuple[str, str]) -> None:
    """A start packet passes the first, or never reaches the second."""
    first, second = map(loaded, kernels)
    conform(first, beside=second)


def test_the_ports_words_hold_the_weights() -> None:
    """Read back bit by bit: the n-th word of 12 weights is row n, of 48 bits, in a word of the port each."""
    weights = drawn(6, 12)
    kernel = unit({"weights": weights, "vectors": 1, "pe": 1, "simd": 12, "memory": "ultra"}, family="xcup")
    load = kernel.load()
    assert load is not None and load.words.shape == (1, 6) and load.words.dtype == np.uint64 and not load.each_frame
    fields = [[(int(word) >> 4 * i & 15 ^ 8) - 8 for i in range(12)] for word in load.words[0]]
    assert fields == weights.tolist()


def test_narrow_words_share_a_row() -> None:
    """36 bits: two in a row of 72, which comes in two words of the port."""
    kernel = unit({"weights": drawn(2, 1, 8, 18), "vectors": 8, "pe": 1, "simd": 9, "streamed": True})
    load = kernel.load()
    rows = kernel.rows_of_memory
    assert (rows.pack, rows.bits, rows.count, rows.pieces) == (2, 72, 8, 2)
    assert load is not None and load.each_frame and load.words.shape == (2, 16)
    assert kernel.verilog_parameters()["PACK"] == 2


def test_the_slower_of_load_and_products_decides() -> None:
    case = LOADED["streamed, slower than it computes"]
    assert unit(case, streamed=True).cycles().interval == 3 * 2 * 6  # 384 bits a word
    assert unit(case).cycles().interval == 3 * 2  # resident


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"memory": "ultra", "family": "xc7"}, "memory must be one of auto, lut, block, not ultra"),
        ({"memory": "deep"}, "memory must be one of auto, lut, block, ultra, not deep"),
        ({"streamed": True}, "weights must be at least 2 sets"),
        ({"weights": drawn(3, 1, 8, 24)}, r"vectors must be a multiple of S\*G=3, not 4"),
        ({"pe": 8, "simd": 24, "memory": "ultra"}, "memory cannot be ultra for one word of weights"),
    ],
)
def test_refuses(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        unit({"weights": drawn(8, 24), "vectors": 4}, **changes)


DEEP: dict[str, dict[str, Any]] = {
    "streamed ultra": {"weights": drawn(5, 1, 64, 576), "vectors": 50, "pe": 4, "simd": 9, "memory": "ultra"},
    "streamed block": {"weights": drawn(5, 1, 16, 48), "vectors": 50, "pe": 2, "simd": 4, "memory": "block"},
}


@pytest.mark.parametrize("case", DEEP)
def test_resources(case: str) -> None:
    kernel = unit(DEEP[case], streamed="streamed" in case)
    check_resources(kernel, "xcup")
    assert (kernel.resources("xcup").uram > 0) == ("ultra" in case)
