"""Runs of wide accumulators: every change of the output, and what lies between, against decimal arithmetic."""

from __future__ import annotations

from decimal import localcontext
from fractions import Fraction
from math import floor
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import Refused
from codesign.graph import Threshold
from codesign.graph.operators.table import Table
from codesign.ingest import ingest
from codesign.ingest.elementwise_testing import DIGITS, decimal, rounded, sigmoid
from codesign.ingest.functions import runs, table
from codesign.ingest.testing import Net, exact
from codesign.ingest.verify import compare

SCALE, STEP = 3.1e-7, 0.043


def silu(net: Net, bits: int, scale: float = SCALE, out: int = 8) -> str:
    x = net.quant("x", scale, bits)
    x = net.op("Mul", x, net.const(np.array([1, -0.7, 0.01], np.float32)))
    return net.quant(net.op("Mul", x, net.op("Sigmoid", x)), STEP, out)


def expected(channel: int, accumulator: int) -> int:
    with localcontext() as context:
        context.prec = DIGITS
        x = decimal(accumulator * exact(SCALE) * exact([1, -0.7, 0.01][channel]))
        return rounded(x * sigmoid(x), STEP, 8, 1, "ROUND")


def test_twenty_six_bits_on_both_sides_of_every_change(tmp_path: Path) -> None:
    net = Net((1, 3))
    graph, report = ingest(net.save_raw(silu(net, 26), tmp_path / "m.onnx"), "m")
    thresholds, values = graph.operators
    assert isinstance(thresholds, Threshold) and isinstance(values, Table)
    rng = np.random.default_rng(0)
    for c, row in enumerate(thresholds.thresholds):
        edges = row[row < 2**25][:: 7 if c != 2 else 1]
        z = np.concatenate([edges, edges - 1, rng.integers(-(2**25), 2**25, 40)])
        found = graph.run(np.repeat(z[:, None], 3, 1))[:, c]
        assert found.tolist() == [expected(c, int(v)) for v in z]
    (segment,) = report.segments
    assert segment.form == "table" and segment.input == graph.input
    assert segment.margin is not None and 0 < segment.margin < 1e-3
    assert 0 < sum(t.last - t.first + 1 for t in segment.near_ties) < 3 * 2**26 * 0.01


def test_every_near_tie_is_listed(tmp_path: Path) -> None:
    net = Net((1, 3))
    path = net.save_raw(silu(net, 10, 0.009), tmp_path / "m.onnx")
    _, report = ingest(path, "m", tie_distance=0.03)
    (segment,) = report.segments
    want, close = set(), set()
    for c in range(3):
        for z in range(-512, 512):
            x = z * exact(0.009) * exact([1, -0.7, 0.01][c])
            with localcontext() as context:
                context.prec = DIGITS
                y = Fraction(decimal(x) * sigmoid(decimal(x))) / exact(STEP)
            nearest = min(max(floor(y), -128), 126) + Fraction(1, 2)
            distance = abs(y - nearest)
            if distance <= Fraction(0.03):
                want.add((c, z))
            if distance <= Fraction(0.04):
                close.add((c, z))
    found = {(t.channel, z) for t in segment.near_ties for z in range(t.first, t.last + 1)}
    assert want <= found <= close


def test_a_net_of_wide_accumulators_against_both_witnesses(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    net = Net((1, 8, 24), 14)
    x = net.quant("x", 0.03, 8)
    for act in ("SiLU", "HardSwish"):
        w = net.weights(rng.standard_normal((8, 8, 5)), bits=8)
        y = net.op("Conv", x, w, kernel_shape=[5], pads=[2, 2], strides=[1], dilations=[1], group=1)
        y = net.bn(y, rng.uniform(-2, 2, 8), rng.standard_normal(8), rng.standard_normal(8), rng.uniform(0.5, 4, 8))
        y = net.op("Mul", y, net.op("Sigmoid", y)) if act == "SiLU" else net.op(act, y)
        x = net.quant(y, 0.04, 8)
    path = net.save_raw(x, tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    result = compare(graph, path, rng.standard_normal((100, 8, 24)).astype(np.float32), report)
    assert {s.form for s in report.segments} == {"table"}
    assert result.outputs == 100 * 8 * 24 * 3
    assert (result.float64_differences, result.unexplained) == (0, 0), result.first
    assert report.seconds < 2


def test_a_long_tail_beside_a_boundary_is_decided_at_once(tmp_path: Path) -> None:
    """Down to x = -1500 the output is -1, though x * sigmoid(x) is closer to 0 than float64 can hold."""
    net = Net((1, 3))
    x = net.quant("x", 0.003, 20)
    path = net.save_raw(net.quant(net.op("Mul", x, net.op("Sigmoid", x)), STEP, 8, mode="FLOOR"), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    assert 0 < report.segments[0].decided_exactly < 500
    z = np.array([-(2**19), -400_000, -300_000, -5000, -1, 0, 1])
    assert graph.run(np.repeat(z[:, None], 3, 1))[:, 0].tolist() == [-1, -1, -1, -1, -1, 0, 0]


def test_too_many_changes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net = Net((1, 3))
    path = net.save_raw(net.quant(net.op("Abs", net.quant("x", SCALE, 20)), SCALE * 2.3, 16), tmp_path / "m.onnx")
    with pytest.raises(Refused, match=r"its output changes \d+ times over its range, more than 4096.*quantizer before"):
        ingest(path, "m")
    monkeypatch.setattr(runs, "LARGEST", 1000)
    with pytest.raises(Refused, match="its output changes more than 1000 times"):
        ingest(path, "m")


def test_a_table_of_the_input_and_one_of_the_run_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net = Net((1, 3))
    path = net.save_raw(silu(net, 11, 0.009), tmp_path / "m.onnx")
    x = np.repeat(np.arange(-1024, 1024)[:, None], 3, 1)
    small, _ = ingest(path, "m")
    monkeypatch.setattr(table, "TABLE_INPUTS", 1)
    large, _ = ingest(path, "m")
    assert [len(small.operators), len(large.operators)] == [1, 2]
    np.testing.assert_array_equal(small.run(x), large.run(x))
