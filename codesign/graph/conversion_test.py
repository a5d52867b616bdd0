"""Conversions are held against the operator itself, over every input."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.graph import Requantize
from codesign.graph.conversion import requantize_to_threshold


@pytest.mark.parametrize("seed", range(20))
def test_thresholds_equal_the_requantizer_over_the_whole_range(seed: int) -> None:
    rng = np.random.default_rng(seed)
    channels, shift = 6, int(rng.integers(0, 8))
    multiplier = rng.integers(-40, 41, channels)
    multiplier[0] = 0
    low, high = -rng.integers(0, 200, channels), rng.integers(0, 200, channels)
    clamp = sorted(rng.integers(-20, 20, 2).tolist())
    op = Requantize(
        inputs=("x",),
        output="y",
        multiplier=multiplier,
        offset=rng.integers(-500, 500, channels),
        shift=shift,
        low=clamp[0],
        high=clamp[1],
    )
    x = np.clip(np.arange(-200, 201)[:, None], low, high)
    threshold = requantize_to_threshold(op, low, high)
    np.testing.assert_array_equal(threshold.run(x), op.run(x))
    assert (np.diff(threshold.thresholds, axis=1) >= 0).all()
    np.testing.assert_array_equal(threshold.range((low, high)), op.range((low, high)))
