"""Requantization with the widest constants that hls4ml keeps, whose sums no 64-bit integer holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import boards
from codesign.errors import Refused
from codesign.graph import IntegerGraph, Requantize
from codesign.graph.examples import Builder
from hw.hls4ml.flow import prepare, simulate
from hw.hls4ml.settings import Settings
from hw.hls4ml.target import target_of

HIGH, SHIFT, CLAMP = 2**40, 60, 2**20


def graph(multiplier: list[int], offset: list[int]) -> IntegerGraph:
    b = Builder((3, 2), -HIGH, HIGH)
    op = Requantize(
        inputs=("x",), output="y", multiplier=np.array(multiplier), offset=np.array(offset), shift=SHIFT,
        low=-CLAMP, high=CLAMP,
    )  # fmt: skip
    return b.graph(b.append(op))


def test_sums_beyond_64_bits_are_exact(tmp_path: Path) -> None:
    """Against Python's own integers."""
    multiplier, offset = [2**40 + 12345, -(2**39) - 777], [2**51 + 3, -(2**51) - 9]
    made = graph(multiplier, offset)
    prepare(made, Settings(), target_of(boards.get("zcu104"), 100.0), tmp_path / "project")
    x = np.random.default_rng(0).integers(-HIGH, HIGH + 1, (500, 3, 2))
    found = simulate(made, tmp_path / "project", tmp_path, x)
    exact = [
        max(-CLAMP, min(CLAMP, (int(value) * multiplier[i % 2] + offset[i % 2]) >> SHIFT))
        for i, value in enumerate(x.ravel())
    ]
    assert found.ravel().tolist() == exact
    assert max(abs(int(x.max())), abs(int(x.min()))) * multiplier[0] > 2**64 and len(set(exact)) > 2000


def test_a_sum_is_wider_than_its_shift(tmp_path: Path) -> None:
    """Of [-3, 3], which three bits hold, and which a shift by nine takes to 0 or -1."""
    b = Builder((3, 2), 0, 3)
    ends = np.array([1, -1]), np.array([0, 0])
    made = b.graph(
        b.append(Requantize(inputs=("x",), output="y", multiplier=ends[0], offset=ends[1], shift=9, low=-4, high=3))
    )
    emission = prepare(made, Settings(), target_of(boards.get("zcu104"), 100.0), tmp_path / "project").emission
    assert emission.layers[-1]["sum_t"] == "ap_int<10>"
    x = np.random.default_rng(1).integers(0, 4, (50, 3, 2))
    found = simulate(made, tmp_path / "project", tmp_path, x)
    np.testing.assert_array_equal(found, np.where((x > 0) & (np.arange(2) == 1), -1, 0))


@pytest.mark.parametrize(("multiplier", "offset"), [([1, 2**52], [0, 0]), ([1, 1], [0, -(2**52) - 1])])
def test_wider_constants_are_refused(multiplier: list[int], offset: list[int], tmp_path: Path) -> None:
    """hls4ml keeps constants as float64."""
    with pytest.raises(Refused, match=r"Requantize y: a constant of 54 bits is wider than the 53 .* Remedy: quantize"):
        prepare(graph(multiplier, offset), Settings(), target_of(boards.get("zcu104"), 100.0), tmp_path / "project")
