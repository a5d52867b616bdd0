"""Linear layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.ingest.testing import Net, assert_follows_qonnx

RNG = np.random.default_rng(9)


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_gemm(tmp_path: Path, transposed: bool, bias: bool) -> None:
    net = Net((1, 6))
    scale = 2.0 ** RNG.integers(-3, 0, (4, 1) if transposed else (1, 4))
    w = net.quant(net.const(RNG.standard_normal((4, 6) if transposed else (6, 4))), scale, 4)
    extra = [net.const(RNG.integers(-9, 9, 4) / 8)] if bias else []
    y = net.op("Gemm", net.quant("x", 0.25, 6), w, *extra, transB=int(transposed))
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx", count=5)
    assert graph.tail.offset.any() == bias


def test_a_quantized_bias(tmp_path: Path) -> None:
    net = Net((1, 6))
    bias = net.quant(net.const(RNG.standard_normal(4)), 0.125, 8)
    y = net.op("Gemm", net.quant("x", 0.25, 6), net.weights(RNG.standard_normal((4, 6)), 0.5), bias, transB=1)
    assert_follows_qonnx(net, net.quant(net.op("Relu", y), 0.5, 6, 0), tmp_path / "m.onnx", count=8)


def test_on_many_positions(tmp_path: Path) -> None:
    """(1, T, C) x (C, O): no transpose in the graph where the channels were last already."""
    net = Net((1, 6, 5))
    x = net.op("Transpose", net.quant("x", 0.25, 6), perm=[0, 2, 1])
    scale = 2.0 ** RNG.integers(-3, 0, (1, 8))
    y = net.op("MatMul", x, net.quant(net.const(RNG.standard_normal((6, 8))), scale, 4))
    y = net.op("Add", y, net.const(RNG.integers(-9, 9, 8) / 16))
    y = net.quant(net.op("Relu", y), 0.125, 6, 0)
    y = net.op("MatMul", y, net.quant(net.const(RNG.standard_normal((8, 3))), 0.25, 4))
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    kinds = [type(op).__name__ for op in graph.operators]
    assert (kinds[::2], len(kinds)) == (["MatMul", "MatMul"], 3)


def test_weights_on_the_left(tmp_path: Path) -> None:
    net = Net((1, 6, 5))
    w = net.quant(net.const(RNG.standard_normal((8, 6))), 2.0 ** RNG.integers(-3, 0, (8, 1)), 4)
    graph = assert_follows_qonnx(net, net.op("MatMul", w, net.quant("x", 0.25, 6)), tmp_path / "m.onnx")
    assert [type(op).__name__ for op in graph.operators] == ["MatMul"]


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [0, 3, 2, 1], [0, 2, 3, 1]])
def test_a_flattened_frame_costs_no_movement(tmp_path: Path, order: list[int]) -> None:
    """Whatever order the model flattens in: the weights take it."""
    net = Net((1, 3, 4, 2))
    x = net.op("Flatten", net.op("Transpose", net.quant("x", 0.25, 6), perm=order))
    y = net.op("Gemm", x, net.weights(RNG.standard_normal((5, 24)), 0.25), transB=1)
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    assert [type(op).__name__ for op in graph.operators] == ["Reshape", "MatMul"]


def test_a_flattened_bipolar_frame(tmp_path: Path) -> None:
    net = Net((1, 3, 4, 2))
    x = net.op("Flatten", net.quant(net.quant("x", 0.25, 6), 0.5, 1))
    y = net.op("Gemm", x, net.weights(RNG.standard_normal((5, 24)), 0.25), transB=1)
    assert_follows_qonnx(net, y, tmp_path / "m.onnx")


def test_alpha_and_beta(tmp_path: Path) -> None:
    net = Net((1, 6))
    w, bias = net.weights(RNG.standard_normal((4, 6)), 0.5), net.const(RNG.integers(-9, 9, 4) / 8)
    y = net.op("Gemm", net.quant("x", 0.25, 6), w, bias, transB=1, alpha=0.5, beta=-2.0)
    assert_follows_qonnx(net, y, tmp_path / "m.onnx")
