"""Factors: in a segment, and as a plain rescaling before an integer operator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.graph.operators.mul import Mul
from codesign.ingest.testing import Net, assert_follows_qonnx

RNG = np.random.default_rng(6)
FACTOR = np.array([2, -0.5, 1, 4]).reshape(4, 1)


@pytest.mark.parametrize("kind", ["Mul", "Div"])
def test_a_factor_before_a_quantizer(tmp_path: Path, kind: str) -> None:
    net = Net((1, 4, 9))
    y = net.op(kind, net.quant("x", 0.25, 6), net.const(FACTOR))
    assert_follows_qonnx(net, net.quant(y, 0.5, 6), tmp_path / "m.onnx")


def test_a_factor_on_the_left(tmp_path: Path) -> None:
    net = Net((1, 4, 9))
    y = net.op("Mul", net.const(FACTOR), net.quant("x", 0.25, 6))
    assert_follows_qonnx(net, net.quant(y, 0.5, 6), tmp_path / "m.onnx")


def test_a_factor_before_a_convolution_goes_into_the_scale(tmp_path: Path) -> None:
    net = Net((1, 4, 9))
    y = net.op("Div", net.op("Mul", net.quant("x", 0.25, 6), net.const(-2.0)), net.const(8.0))
    w = net.weights(RNG.standard_normal((3, 4, 3)), 0.5)
    graph = assert_follows_qonnx(net, net.op("Conv", y, w, kernel_shape=[3]), tmp_path / "m.onnx")
    assert len(graph.operators) == 1
    assert graph.tail.scale.tolist() == [-0.25 * 2 / 8 * 0.5] * 3


@pytest.mark.parametrize("frame", [(4, 6, 5), (4, 1, 1), (1, 6, 5)])
def test_two_tensors(tmp_path: Path, frame: tuple[int, ...]) -> None:
    """A gate for every element, channel or position; scales multiply, channel by channel."""
    net = Net((1, 4, 6, 5))
    x = net.quant("x", 2.0 ** np.array([-1, -2, -2, 0]).reshape(4, 1, 1), 6)
    part = net.op(
        "Slice", x, net.const([0, 0, 0], np.int64), net.const(list(frame), np.int64), net.const([1, 2, 3], np.int64)
    )
    y = net.op("Mul", x, net.quant(part, 0.5, 4))
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    assert isinstance(graph.operators[-1], Mul)
    np.testing.assert_array_equal(graph.tail.scale, [0.25, 0.125, 0.125, 0.5])


def test_a_square_and_bipolar_gates(tmp_path: Path) -> None:
    net = Net((1, 4, 9))
    x = net.quant("x", 0.25, 6)
    assert_follows_qonnx(net, net.op("Mul", x, x), tmp_path / "m.onnx")
    assert_follows_qonnx(net, net.op("Mul", net.quant(x, 0.5, 1), x), tmp_path / "n.onnx")
