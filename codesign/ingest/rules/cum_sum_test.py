"""CumSum against QONNX's execution and in rational arithmetic, and what it refuses."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.errors import Refused
from codesign.graph.operators.cum_sum import CumSum
from codesign.ingest import ingest
from codesign.ingest.testing import Net, assert_follows_qonnx, exact, exact_quant
from codesign.ingest.verify import compare

SCALES = np.array([[0.25], [0.5], [0.25], [0.75]])


def summed(net: Net, x: str, axis: int, **attributes: Any) -> str:
    return net.op("CumSum", x, net.const(axis, np.int64), **attributes)


@pytest.mark.parametrize(
    ("frame", "axis", "spatial"),
    [((4, 9), 2, 0), ((4, 9), -1, 0), ((4, 5, 6), 2, 0), ((4, 5, 6), 3, 1), ((4, 5, 6), -2, 0)],
)
@pytest.mark.parametrize("exclusive", [0, 1])
def test_a_spatial_axis(tmp_path: Path, frame: tuple[int, ...], axis: int, spatial: int, exclusive: int) -> None:
    net = Net((1, *frame))
    y = summed(net, net.quant(summed(net, net.quant("x", 0.25, 6), axis), 0.5, 9), axis, exclusive=exclusive)
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    first, last = (op for op in graph.operators if isinstance(op, CumSum))
    assert (first.axis, last.axis) == (spatial, spatial)
    assert (first.exclusive, last.exclusive) == (False, bool(exclusive))


def test_one_position(tmp_path: Path) -> None:
    """Its sum is itself, or nothing."""
    for exclusive in (0, 1):
        net = Net((1, 4, 1))
        graph, _ = ingest(net.save(summed(net, net.quant("x", 0.25, 6), 2, exclusive=exclusive), tmp_path / "m"), "m")
        x = np.arange(-4, 4).reshape(2, 1, 4)
        np.testing.assert_array_equal(graph.run(x), x * (not exclusive))


@pytest.mark.parametrize("frame", [(5,), (4, 6), (4, 3, 5)])
def test_the_channels_need_no_data_movement(tmp_path: Path, frame: tuple[int, ...]) -> None:
    net = Net((1, *frame))
    graph = assert_follows_qonnx(net, summed(net, net.quant("x", 0.25, 6), 1, exclusive=1), tmp_path / "m.onnx")
    assert {type(op).__name__ for op in graph.operators} <= {"Reshape", "CumSum"}


def test_channels_of_scales_in_a_small_ratio(tmp_path: Path) -> None:
    """Each channel's sums have its own scale; sums of channels have a common step."""
    for axis in (2, 1):
        net = Net((1, 4, 8))
        assert_follows_qonnx(net, summed(net, net.quant("x", SCALES, 5), axis), tmp_path / "m.onnx")


def test_the_tokens_of_a_transposed_frame(tmp_path: Path) -> None:
    """(1, T, C) by a transpose: the graph's channels are where they were."""
    net = Net((1, 4, 8))
    y = summed(net, net.op("Transpose", net.quant("x", 0.25, 6), perm=[0, 2, 1]), 1)
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    assert [type(op) for op in graph.operators] == [CumSum]


def test_the_channels_of_a_transposed_frame(tmp_path: Path) -> None:
    net = Net((1, 4, 8))
    y = summed(net, net.op("Transpose", net.quant("x", 0.25, 6), perm=[0, 2, 1]), 2)
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    assert [type(op).__name__ for op in graph.operators] == ["Reshape", "CumSum", "Reshape"]


@pytest.mark.parametrize("exclusive", [0, 1])
@pytest.mark.parametrize("axis", [1, 2])
def test_bipolar_and_padded_values(tmp_path: Path, exclusive: int, axis: int) -> None:
    """-1 and 1 are held as 0 and 1, and their sums have no offset; a padded zero is one."""
    net = Net((1, 4, 8))
    x = net.quant(net.quant("x", 0.25, 6), 0.5, 1)
    x = net.op("Pad", x, net.const([0, 0, 2, 0, 0, 1], np.int64))
    assert_follows_qonnx(net, summed(net, x, axis, exclusive=exclusive), tmp_path / "m.onnx", count=9)


def test_any_scale_in_rationals_and_the_float_runs(tmp_path: Path) -> None:
    """A float function of the sums, ended by a quantizer: rational arithmetic, and both float runs, agree."""
    net = Net((1, 3, 11))
    y = net.op("Mul", summed(net, net.quant("x", np.float32(0.3), 5), 2), net.const(0.7))
    path = net.save(net.quant(y, np.float32(0.9), 7), tmp_path / "m.onnx")
    graph, _ = ingest(path, "m")
    x = np.random.default_rng(1).integers(-16, 16, (40, 11, 3))
    factor = exact(0.3) * exact(0.7)
    want = [
        [[exact_quant(Fraction(int(s)) * factor, 0.9, 7, 1) for s in accumulate(line)] for line in frame.T.tolist()]
        for frame in x
    ]
    np.testing.assert_array_equal(graph.run(x), np.moveaxis(np.array(want), 1, 2))
    frames = np.random.default_rng(2).standard_normal((60, 3, 11)).astype(np.float32) * 3
    compare(graph, path, frames).check()


def test_reverse_is_refused_and_its_remedy_goes_through(tmp_path: Path) -> None:
    net = Net((1, 4, 8))
    x = net.quant("x", 0.25, 6)
    y = summed(net, x, 2, reverse=1)
    with pytest.raises(Refused, match=r"reverse is 1.*subtract the exclusive CumSum from ReduceSum"):
        ingest(net.save(y, tmp_path / "m.onnx"), "m")
    net.nodes.pop()
    total = net.op("ReduceSum", x, net.const([2], np.int64), keepdims=1)
    graph = assert_follows_qonnx(net, net.op("Sub", total, summed(net, x, 2, exclusive=1)), tmp_path / "m.onnx")
    frames = np.random.default_rng(3).integers(-32, 32, (5, 8, 4))
    np.testing.assert_array_equal(graph.run(frames)[:, 0], frames.sum(1))
    np.testing.assert_array_equal(graph.run(frames)[:, -1], frames[:, -1])


def test_what_is_refused(tmp_path: Path) -> None:
    cases = []
    net = Net((1, 4, 5))
    cases.append((net, summed(net, net.quant("x", 0.25, 6), 0), "its axis is 0 of 3"))
    net = Net((1, 4, 5))
    biased = net.op("Add", net.quant("x", 0.25, 6), net.const(0.1))
    cases.append((net, summed(net, biased, 2), "an offset .a bias without a quantizer"))
    net = Net((1, 4, 5))
    cases.append((net, summed(net, net.op("Relu", net.op("Exp", net.quant("x", 0.3, 6))), 2), "no quantizer between"))
    net = Net((1, 4, 5))
    cases.append((net, net.quant(summed(net, "x", 2), 0.25, 6), "model's input as floats"))
    net = Net((1, 4, 5))
    wide = net.quant(net.const(np.full(4, 2.0)[:, None] ** [[0], [9], [3], [5]]), 1.0, 12)
    cases.append((net, summed(net, net.op("Mul", net.quant("x", 0.25, 6), wide), 1), "scale"))
    for made, y, message in cases:
        with pytest.raises(Refused, match=message):
            ingest(made.save_raw(y, tmp_path / "m.onnx"), "m")
