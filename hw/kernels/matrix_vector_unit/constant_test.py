"""Constant weights: the form is taken where one word holds them all, and is what the adders say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hw.kernels.conformance import check_resources, conform
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit

RNG = np.random.default_rng(3)


def unrolled(weights: np.ndarray, bits: int, signed: bool = False, **more: Any) -> MatrixVectorUnit:
    return MatrixVectorUnit(weights, 5, bits, signed, pe=len(weights), simd=weights.shape[1], **more)


CASES = {
    "rows of zeros and of one sign": np.vstack(
        [np.zeros((1, 9), int), -RNG.integers(1, 8, (2, 9)), np.ones((1, 9), int)]
    ),
    "nothing to add": np.array([[0, 4], [1, 0], [0, 0]]),
    "negative weights alone": np.array([[-6], [-3]]),
    "many": RNG.integers(-8, 8, (8, 24)),
}


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_conforms(case: str, signed: bool) -> None:
    kernel = unrolled(CASES[case], 3, signed)
    assert kernel.product.name == "constant"
    conform(kernel, guarded=False)


def test_weights_that_take_turns_are_stored() -> None:
    weights = RNG.integers(-8, 8, (4, 6))
    assert MatrixVectorUnit(weights, 5, 4, pe=2, simd=6).product.name != "constant"


@pytest.mark.parametrize("family", ["ecp5", "xc7", "xcup"])
def test_resources(family: str) -> None:
    check_resources(unrolled(RNG.integers(-8, 8, (4, 8)), 4, family=family), family)
