"""Hypervolume against closed forms and against counting."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.sweep.hypervolume import hypervolume


def test_boxes_by_hand() -> None:
    assert hypervolume(np.array([[1.0]]), [3]) == 2
    assert hypervolume(np.array([[1.0, 2.0]]), [3, 5]) == 6
    assert hypervolume(np.array([[1.0, 2.0], [2.0, 1.0]]), [3, 3]) == 3  # two boxes of 2 x 1 that share 1 x 1
    assert hypervolume(np.array([[0, 0, 0], [1, 1, 1]]), [2, 3, 4]) == 24
    assert hypervolume(np.zeros((0, 2)), [1, 1]) == 0


def test_what_is_not_better_than_the_reference_counts_nothing() -> None:
    assert hypervolume(np.array([[0.5, 1.0], [2.0, -9.0]]), [1, 1]) == 0


@pytest.mark.parametrize("axes", [2, 3, 4])
def test_cells_counted_one_by_one(axes: int) -> None:
    """Whole numbers below 6: the volume is the number of unit cells whose lower corner is no better than some point."""
    random = np.random.default_rng(axes)
    for _ in range(20):
        points = random.integers(0, 6, (8, axes))
        cells = np.stack(np.meshgrid(*[np.arange(6)] * axes, indexing="ij"), -1).reshape(-1, axes)
        covered = np.any(np.all(cells[:, None] >= points[None], axis=2), axis=1)
        assert hypervolume(points, [6] * axes) == covered.sum()
