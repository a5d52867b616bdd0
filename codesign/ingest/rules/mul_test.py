"""Factors: in a segment, and as a plain rescaling before an integer operator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

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
