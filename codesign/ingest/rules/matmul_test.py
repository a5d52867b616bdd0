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
