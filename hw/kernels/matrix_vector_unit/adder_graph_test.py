"""Constant weights as adders: the product, with fewer adders than row by row, and no bit too few."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from hw.kernels.matrix_vector_unit.adder_graph import adder_graph, signed_digits


@pytest.mark.parametrize("weight", range(-70, 71))
def test_signed_digits_are_the_fewest(weight: int) -> None:
    digits = signed_digits(weight)
    assert sum(sign << shift for shift, sign in digits) == weight
    shifts = [shift for shift, _ in digits]
    assert all(b - a > 1 for a, b in pairwise(shifts))
    sums = {0}
    for count in range(8):  # brute force: how many powers of two it takes
        if weight in sums:
            assert len(digits) == count
            return
        sums |= {s + d * 2**k for s, d, k in product(sums, (1, -1), range(8))}
        sums = {s for s in sums if abs(s) < 200}
    raise AssertionError(f"{weight} takes more than 7 digits")


@pytest.mark.parametrize(
    ("rows", "columns", "bits", "low", "high"),
    [(16, 16, 4, 0, 15), (9, 33, 3, -4, 3), (5, 7, 8, 0, 1), (40, 12, 2, 0, 3)],
)
def test_the_graph_computes_the_product(rows: int, columns: int, bits: int, low: int, high: int) -> None:
    rng = np.random.default_rng(rows)
    weights = rng.integers(-(1 << bits - 1), 1 << bits - 1, (rows, columns))
    weights[1] = 0
    weights[2] = -np.abs(weights[2]) - 1  # nothing to begin with
    graph = adder_graph(weights, low, high)
    x = rng.integers(low, high + 1, (200, columns))
    np.testing.assert_array_equal(graph.run(x), x @ weights.T)
    digits = [sum(len(signed_digits(w)) for w in row) for row in weights.tolist()]
    alone = sum(max(0, n - 1) for n in digits)
    assert len(graph.adders) < alone


def test_what_rows_have_in_common_is_made_once() -> None:
    """Both rows need x0 + x1, one of them four times and negated: three adders, where four are needed row by row."""
    graph = adder_graph(np.array([[1, 1, 1], [-4, -4, 2]]), 0, 15)
    assert len(graph.adders) == 3


@pytest.mark.parametrize(("low", "high"), [(0, 3), (-2, 1)])
def test_sums_have_the_bits_that_they_need(low: int, high: int) -> None:
    weights = np.array([[3, -2, 0], [-1, -3, -3], [1, 1, 1], [0, 7, -8]])
    graph = adder_graph(weights, low, high)
    x = np.array(list(product(range(low, high + 1), repeat=3)))
    values = list(x.T)
    for adder in graph.adders:
        left = 0 if adder.left is None else values[adder.left] << adder.left_shift
        right = values[adder.right] << adder.right_shift
        values.append(left - right if adder.subtract else left + right)
        least, most = int(values[-1].min()), int(values[-1].max())
        need = next(b for b in range(1, 20) if -(1 << b - 1) <= least and most < 1 << b - 1)
        assert adder.bits == need


def test_rows_are_balanced() -> None:
    graph = adder_graph(np.ones((1, 32), np.int64), 0, 1)
    assert (len(graph.adders), graph.depth) == (31, 5)
