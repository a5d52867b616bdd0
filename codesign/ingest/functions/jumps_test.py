"""A float run may fall on the other side of a jump that its argument lies on; where it may is listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codesign.ingest import ingest
from codesign.ingest.testing import Net
from codesign.ingest.verify import compare

CASES: dict[str, Callable[[Net, str], str]] = {
    "Floor": lambda n, x: n.op("Floor", x),
    "Ceil": lambda n, x: n.op("Ceil", x),
    "Round": lambda n, x: n.op("Round", x),
    "ThresholdedRelu": lambda n, x: n.op("ThresholdedRelu", x, alpha=0.5),
    "a jump in a branch": lambda n, x: n.op("Mul", x, n.op("Floor", x)),
}


@pytest.mark.parametrize("case", CASES)
def test_every_float32_difference_is_listed(tmp_path: Path, case: str) -> None:
    """The input's step of 0.05 is none that float32 holds: 20, 40, ... of them are nearly whole numbers."""
    net = Net((1, 4))
    x = net.op("Div", net.op("Mul", net.quant("x", 0.05, 8), net.const(0.7)), net.const(0.7))
    path = net.save_raw(net.quant(CASES[case](net, x), 0.04, 8), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    frames = np.random.default_rng(0).standard_normal((3000, 4)).astype(np.float32) * 2
    result = compare(graph, path, frames, report)
    assert (result.float64_differences, result.unexplained) == (0, 0), result.first
    assert result.float32_differences > 0
    (segment,) = report.segments
    apart = replace(
        report, segments=(replace(segment, near_ties=tuple(t for t in segment.near_ties if t.distance > 2e-6)),)
    )
    assert compare(graph, path, frames, apart).unexplained > 0
    assert len(segment.near_ties) < 4 * 60


def test_a_function_that_never_changes_has_no_ties(tmp_path: Path) -> None:
    net = Net((1, 4))
    x = net.op("ThresholdedRelu", net.quant("x", 0.05, 4), alpha=3.0)
    _, report = ingest(net.save_raw(net.quant(x, 0.04, 8), tmp_path / "m.onnx"), "m")
    assert [s.near_ties for s in report.segments] == [()]


def test_sums_that_cancel_before_a_jump_are_listed(tmp_path: Path) -> None:
    """The sum is zero and its Ceil too; a float run may be off by a unit of what it added, and Ceil makes 1 of it."""
    net = Net((1, 1, 9))
    w = net.quant(net.const([[[0.3, -0.6, 0.3]], [[-0.9, 0.6, 0.3]]]), 0.3, 3)
    x = net.op("Ceil", net.op("Conv", net.quant("x", 0.301142424345, 4), w, kernel_shape=[3]))
    path = net.save_raw(net.quant(x, 0.25, 4, signed=0), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    frames = np.random.default_rng(0).standard_normal((300, 1, 9)).astype(np.float32)
    result = compare(graph, path, frames, report)
    assert result.float32_differences > 0
    assert result.exact, result.first
