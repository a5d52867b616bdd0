"""A table against the function that it holds."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.graph.operators.table import Table


def table(shared: bool) -> Table:
    """``x**2 - 3 x``, or ``x**2 - c x`` where every channel c has its own; the inputs of channel c start at c - 4."""
    first = np.array([-4, -3, -2]) if not shared else np.full(3, -4)
    rows = [[x * x - (3 if shared else c) * x for x in range(int(f), int(f) + 9)] for c, f in enumerate(first)]
    return Table(inputs=("x",), output="y", values=np.array(rows[:1] if shared else rows), first=first)


@pytest.mark.parametrize("shared", [False, True])
def test_equals_its_function(shared: bool) -> None:
    op = table(shared)
    x = np.random.default_rng(0).integers(0, 9, (5, 7, 3)) + op.first
    expected = [[[v * v - (3 if shared else c) * v for c, v in enumerate(p)] for p in n] for n in x.tolist()]
    assert op.run(x).tolist() == expected
    assert op.shape((7, 3)) == (7, 3)


@pytest.mark.parametrize("shared", [False, True])
def test_the_range_is_what_is_reached(shared: bool) -> None:
    op = table(shared)
    low, high = op.first + np.array([0, 2, 5]), op.first + np.array([8, 4, 5])
    reached = [
        [int(op.run(np.clip(np.full((1, 3), v), op.first, op.first + 8))[0, c]) for v in range(low[c], high[c] + 1)]
        for c in range(3)
    ]
    found_low, found_high = op.range((low, high))
    assert found_low.tolist() == [min(r) for r in reached]
    assert found_high.tolist() == [max(r) for r in reached]


def test_what_it_does_not_hold_is_refused() -> None:
    op = table(False)
    for beyond in (op.first - np.array([0, 1, 0]), op.first + np.array([0, 0, 9])):
        with pytest.raises(ValueError, match="y has 9 values a channel, but its input goes beyond them"):
            op.run(beyond[None])
        with pytest.raises(ValueError, match="y has 9 values a channel, but its input goes beyond them"):
            op.range((np.minimum(beyond, op.first), np.maximum(beyond, op.first)))
    with pytest.raises(ValueError, match="y must have 4 first inputs and 1 or 4 rows of values, not 3 and 3"):
        op.shape((7, 4))
