"""Products against Python integers; the range against every pair of a small box."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.graph.operators.mul import Mul

MUL = Mul(inputs=("x", "y"), output="z")
SQUARE = Mul(inputs=("x", "x"), output="z")


def test_products_equal_python_integers() -> None:
    x, y = np.random.default_rng(0).integers(-(2**16), 2**16, (2, 3, 4, 5))
    expected = [int(a) * int(b) for a, b in zip(x.flat, y.flat, strict=True)]
    assert MUL.run(x, y).reshape(-1).tolist() == expected


@pytest.mark.parametrize("x", [(-3, 2), (1, 4), (-5, -2), (0, 0)])
@pytest.mark.parametrize("y", [(-2, 7), (2, 3), (-4, -4), (0, 6)])
def test_the_range_is_what_is_reached(x: tuple[int, int], y: tuple[int, int]) -> None:
    products = [a * b for a in range(x[0], x[1] + 1) for b in range(y[0], y[1] + 1)]
    ranges = [(np.array([low]), np.array([high])) for low, high in (x, y)]
    assert [int(end[0]) for end in MUL.range(*ranges)] == [min(products), max(products)]
    squares = [a * a for a in range(x[0], x[1] + 1)]
    assert [int(end[0]) for end in SQUARE.range(ranges[0], ranges[0])] == [min(squares), max(squares)]


def test_two_shapes_are_refused() -> None:
    assert MUL.shape((4, 3), (4, 3)) == (4, 3)
    with pytest.raises(ValueError, match=r"z multiplies two tensors of one shape, not \(4, 3\) and \(1, 3\)"):
        MUL.shape((4, 3), (1, 3))
