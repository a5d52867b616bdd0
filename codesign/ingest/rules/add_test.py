"""Sums of tensors: equal scales, integer ratios, the same tensor twice, accumulators."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.graph import Add
from codesign.ingest.testing import Net, assert_follows_qonnx

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("kind", ["Add", "Sub"])
@pytest.mark.parametrize(
    ("first", "second", "coefficients"), [(0.5, 0.5, (1, 1)), (0.25, 1.0, (1, 4)), (0.75, 0.5, (3, 2))]
)
def test_two_tensors(tmp_path: Path, kind: str, first: float, second: float, coefficients: tuple[int, int]) -> None:
    net = Net((1, 4, 9))
    x = net.quant("x", 0.25, 6)
    y = net.op(kind, net.quant(x, first, 4), net.quant(x, second, 5))
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    op = graph.operators[-1]
    assert isinstance(op, Add)
    assert op.coefficients == (coefficients[0], coefficients[1] * (1 if kind == "Add" else -1))


def test_a_tensor_and_itself(tmp_path: Path) -> None:
    net = Net((1, 4, 9))
    x = net.quant("x", 0.25, 6)
    assert_follows_qonnx(net, net.op("Add", x, x), tmp_path / "m.onnx")


def test_accumulators_of_equal_scale_and_a_fork(tmp_path: Path) -> None:
    """An accumulator read by a sum and by a quantizer."""
    net = Net((1, 4, 9))
    x = net.quant("x", 0.25, 6)
    a, b = (net.op("Conv", x, net.weights(RNG.standard_normal((3, 4, 3)), 0.25), kernel_shape=[3]) for _ in range(2))
    both = net.op("Add", net.quant(net.op("Add", a, b), 0.5, 8), net.quant(net.op("Relu", a), 0.5, 8))
    graph = assert_follows_qonnx(net, both, tmp_path / "m.onnx")
    assert len(graph.readers(a)) == 2


@pytest.mark.parametrize("kind", ["Add", "Sub"])
@pytest.mark.parametrize("left", [False, True])
def test_a_constant_on_either_side(tmp_path: Path, kind: str, left: bool) -> None:
    net = Net((1, 4, 9))
    x, c = net.quant("x", 0.25, 6), net.const(RNG.integers(-20, 20, (4, 1)) / 8)
    y = net.op(kind, c, x) if left else net.op(kind, x, c)
    assert_follows_qonnx(net, net.quant(y, 0.5, 5), tmp_path / "m.onnx")


@pytest.mark.parametrize("kind", ["Add", "Sub"])
@pytest.mark.parametrize("frame", [(4, 1, 1), (1, 6, 5), (4, 6, 1), (1, 1, 1)])
def test_broadcasting(tmp_path: Path, kind: str, frame: tuple[int, ...]) -> None:
    """A tensor of one value for each channel, position, or row, on either side."""
    net = Net((1, 4, 6, 5))
    x = net.quant("x", 0.25, 6)
    ends = [n if n > 1 else 1 for n in frame]
    part = net.op("Slice", x, net.const([0, 0, 0], np.int64), net.const(ends, np.int64), net.const([1, 2, 3], np.int64))
    assert_follows_qonnx(net, net.op(kind, x, net.quant(part, 0.5, 4)), tmp_path / "m.onnx")
    assert_follows_qonnx(net, net.op(kind, net.quant(part, 0.5, 4), x), tmp_path / "n.onnx")


def test_a_ratio_for_each_channel(tmp_path: Path) -> None:
    net = Net((1, 4, 9))
    x = net.quant("x", np.array([[0.25], [0.5], [1], [0.75]]), 6)
    y = net.op("Sub", x, net.quant(x, 0.5, 4))
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    assert [type(op).__name__ for op in graph.operators][-3:] == ["Requantize", "Requantize", "Add"]


@pytest.mark.parametrize("kind", ["Add", "Sub"])
def test_offsets(tmp_path: Path, kind: str) -> None:
    """Bipolar values, and a bias that was not quantized."""
    net = Net((1, 4, 9))
    x = net.quant("x", 0.25, 6)
    y = net.op(kind, net.op("Add", x, net.const(0.375)), net.quant(x, 0.5, 1))
    assert_follows_qonnx(net, y, tmp_path / "m.onnx")


def test_tokens_are_added_where_they_lie(tmp_path: Path) -> None:
    net = Net((1, 4, 9))
    x = net.op("Transpose", net.quant("x", 0.25, 6), perm=[0, 2, 1])
    graph = assert_follows_qonnx(net, net.op("Add", x, net.quant(x, 0.5, 4)), tmp_path / "m.onnx")
    assert isinstance(graph.operators[-1], Add)
    assert "Transpose" not in [type(op).__name__ for op in graph.operators]
