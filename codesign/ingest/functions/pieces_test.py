"""Functions with a bend: their requantizers in pieces give the exact integer everywhere."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import Refused
from codesign.graph import Add, Requantize
from codesign.ingest import ingest
from codesign.ingest.testing import Net, exact, exact_quant

SLOPE = exact(0.01)


def built(path: Path, net: Net, output: str):  # type: ignore[no-untyped-def]
    return ingest(net.save(output, path / "m.onnx"), "m")


@pytest.mark.parametrize("mode", ["UP", "HALF_UP", "HALF_DOWN", "ROUND_TO_ZERO"])
def test_rounding_that_bends_at_zero(tmp_path: Path, mode: str) -> None:
    net = Net((1, 2))
    graph, report = built(tmp_path, net, net.quant(net.quant("x", 0.01, 16), 0.0307, 14, 1, mode=mode))
    assert {type(op) for op in graph.operators} <= {Requantize, Add}
    x = np.repeat(np.arange(-(2**15), 2**15)[:, None], 2, 1)
    found = graph.run(x)[:, 0]
    for v in [*range(-70, 71), *range(-(2**15), 2**15, 97), 2**15 - 1]:
        assert found[v + 2**15] == exact_quant(v * exact(0.01), 0.0307, 14, 1, mode=mode), v
    assert report.segments[-1].levels > 1000


@pytest.mark.parametrize("falls", [False, True])
def test_a_leaky_relu(tmp_path: Path, falls: bool) -> None:
    net = Net((1, 2))
    factor = -1.0 if falls else 1.0
    y = net.op("LeakyRelu", net.op("Mul", net.quant("x", 0.01, 14), net.const(factor)), alpha=0.01)
    graph, report = built(tmp_path, net, net.quant(y, 0.013, 12))
    assert report.segments[-1].form == "requantize in pieces"
    x = np.repeat(np.arange(-(2**13), 2**13)[:, None], 2, 1)
    found = graph.run(x)[:, 1]
    for v in range(-(2**13), 2**13, 13):
        y_exact = Fraction(v) * exact(0.01) * int(factor)
        assert found[v + 2**13] == exact_quant(y_exact if y_exact > 0 else y_exact * SLOPE, 0.013, 12, 1), v


def test_a_curve_of_too_many_levels_is_refused(tmp_path: Path) -> None:
    net = Net((1, 2))
    with pytest.raises(Refused, match=r"takes \d+ values that no multiplications give.*quantize to 12 bits or fewer"):
        built(tmp_path, net, net.quant(net.op("Sigmoid", net.quant("x", 0.0001, 20)), 1 / 2**15, 15, 0))
