"""A whole net of what mobile networks hold: SiLU, a squeeze-and-excitation gate, LeakyRelu, unequal residual scales."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.ingest import ingest
from codesign.ingest.testing import Net
from codesign.ingest.verify import compare

C = 6


def block(net: Net, x: str, rng: np.random.Generator, act: str) -> str:
    """Convolution, normalization, activation, gate, and a sum with the input at another scale."""
    w = net.weights(rng.standard_normal((C, C, 3, 3)), bits=6)
    y = net.op("Conv", x, w, kernel_shape=[3, 3], pads=[1] * 4, strides=[1, 1], dilations=[1, 1], group=1)
    y = net.bn(y, rng.uniform(-2, 2, C), rng.standard_normal(C), rng.standard_normal(C), rng.uniform(0.5, 6, C))
    if act == "SiLU":
        y = net.op("Mul", y, net.op("Sigmoid", y))
    else:
        y = net.op(act, y, alpha=0.1) if act == "LeakyRelu" else net.op(act, y)
    y = net.quant(y, rng.uniform(0.03, 0.05), 8)
    gate = net.quant(net.op("GlobalAveragePool", y), rng.uniform(0.01, 0.02), 8)
    gate = net.op("Conv", gate, net.weights(rng.standard_normal((C, C, 1, 1)), bits=6), kernel_shape=[1, 1])
    gate = net.op("Add", gate, net.const(rng.standard_normal((C, 1, 1)).astype(np.float32)))
    gate = net.quant(net.op("Sigmoid", gate), 1 / 255, 8, 0)
    y = net.quant(net.op("Mul", y, gate), rng.uniform(0.02, 0.04), 8)
    return net.quant(net.op("Add", x, y), rng.uniform(0.05, 0.07), 8)


@pytest.mark.parametrize("act", ["SiLU", "HardSwish", "LeakyRelu", "Mish", "Tanh"])
def test_no_difference_from_float64_and_none_unexplained_from_float32(tmp_path: Path, act: str) -> None:
    rng = np.random.default_rng(5)
    net = Net((1, C, 7, 5), 18)
    x = net.quant("x", 0.031, 8)
    for _ in range(2):
        x = block(net, x, rng, act)
    path = net.save_raw(x, tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    result = compare(graph, path, rng.standard_normal((200, C, 7, 5)).astype(np.float32) * 1.5, report)
    assert result.outputs > 290_000
    assert (result.float64_differences, result.unexplained) == (0, 0), result.first
    forms = {s.form for s in report.segments}
    assert "table" in forms or act in ("LeakyRelu", "Tanh")
    assert report.seconds < 3
    listed = sum(t.last - t.first + 1 for s in report.segments for t in s.near_ties)
    assert listed < 0.05 * sum((s.input_range[1] - s.input_range[0] + 1) * s.channels for s in report.segments)
