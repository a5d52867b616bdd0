"""Shapes that leave every value where it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.graph import MatMul
from codesign.ingest.testing import Net, assert_follows_qonnx

RNG = np.random.default_rng(8)


@pytest.mark.parametrize("kind", ["Flatten", "Reshape", "Squeeze", "Reshape0", "Reshape-1"])
def test_after_pooling(tmp_path: Path, kind: str) -> None:
    net = Net((1, 4, 4, 4))
    y = net.op("GlobalAveragePool", net.quant("x", 0.25, 6))
    if kind == "Flatten":
        y = net.op("Flatten", y, axis=1)
    elif kind == "Squeeze":
        y = net.op("Squeeze", y, net.const([2, 3], np.int64))
    else:
        shape = {"Reshape": [1, 4], "Reshape0": [0, 4], "Reshape-1": [1, -1]}[kind]
        y = net.op("Reshape", y, net.const(shape, np.int64))
    y = net.op("MatMul", y, net.op("Transpose", net.weights(RNG.standard_normal((3, 4)), 0.5), perm=[1, 0]))
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    assert isinstance(graph.operators[-1], MatMul)
    assert len(graph.operators) == 2


def test_an_axis_for_a_convolution_of_a_higher_rank(tmp_path: Path) -> None:
    """Before the input's quantizer, and in a segment."""
    net = Net((1, 4, 9))
    x = net.quant(net.op("Unsqueeze", "x", net.const([3], np.int64)), 0.25, 6)
    y = net.op("Conv", x, net.weights(RNG.standard_normal((4, 4, 3, 1)), 0.5), kernel_shape=[3, 1])
    y = net.op("Squeeze", net.op("Relu", y), net.const([3], np.int64))
    y = net.op("Conv", net.quant(y, 0.5, 4, 0), net.weights(RNG.standard_normal((4, 4, 3)), 0.5), kernel_shape=[3])
    assert_follows_qonnx(net, y, tmp_path / "m.onnx")


@pytest.mark.parametrize("first", [False, True])
def test_an_image_of_one_channel_becomes_a_vector(tmp_path: Path, first: bool) -> None:
    net = Net((1, 1, 4, 5))
    x = net.quant(net.op("Flatten", "x"), 0.25, 4) if first else net.op("Flatten", net.quant("x", 0.25, 4))
    hidden = net.op("Gemm", x, net.weights(RNG.standard_normal((6, 20)), 0.25), transB=1)
    y = net.quant(net.op("Relu", hidden), 0.5, 4, 0)
    y = net.op("MatMul", y, net.quant(net.const(RNG.standard_normal((6, 3))), 0.5, 4))
    assert_follows_qonnx(net, net.op("Add", y, net.const([0.5, -1, 0.25])), tmp_path / "m.onnx")


def test_weights_in_another_shape(tmp_path: Path) -> None:
    net = Net((1, 4, 9))
    scale = 2.0 ** RNG.integers(-3, 0, (3, 1))
    flat = net.quant(net.const(RNG.standard_normal((3, 12))), scale, 4)
    w = net.op("Reshape", flat, net.const([3, 4, 3], np.int64))
    y = net.op("Conv", net.quant("x", 0.25, 6), w, kernel_shape=[3])
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    np.testing.assert_array_equal(graph.tail.scale, scale[:, 0] * 0.25)
