"""ArgMax and TopK against onnxruntime; offsets of classes decide as real numbers do."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto

from codesign.errors import Refused
from codesign.graph.operators.top_k import TopK
from codesign.ingest import ingest
from codesign.ingest.testing import Net, assert_follows_qonnx

RNG = np.random.default_rng(3)


def integers(shape: tuple[int, ...]) -> Net:
    """A net whose output are integers."""
    net = Net(shape)
    net.output_type = TensorProto.INT64
    return net


@pytest.mark.parametrize("axis", [1, -1, 2])
@pytest.mark.parametrize("keep", [0, 1])
def test_arg_max(tmp_path: Path, axis: int, keep: int) -> None:
    net = integers((1, 5, 6, 7))
    graph = assert_follows_qonnx(
        net, net.op("ArgMax", net.quant("x", 1.0, 3), axis=axis, keepdims=keep), tmp_path / "m.onnx"
    )
    (op,) = (op for op in graph.operators if isinstance(op, TopK))
    assert (op.k, op.indices) == (1, True)


@pytest.mark.parametrize("output", [0, 1])
@pytest.mark.parametrize("axis", [1, -1])
def test_top_k(tmp_path: Path, output: int, axis: int) -> None:
    net = integers((1, 9, 6)) if output else Net((1, 9, 6))
    y = net.op("TopK", net.quant("x", 0.5, 3), net.const([4], np.int64), axis=axis)
    net.nodes[-1].output.append("places")
    graph = assert_follows_qonnx(net, "places" if output else y, tmp_path / "m.onnx")
    assert sum(isinstance(op, TopK) for op in graph.operators) == 1


def test_a_linear_layer_with_a_bias_and_the_class_on_top(tmp_path: Path) -> None:
    """Random biases, and biases that make ties: the first of equal classes, as in rational arithmetic."""
    net = Net((1, 12))
    w = net.weights(RNG.standard_normal((8, 12)), np.float32(0.1))
    scale = Fraction(float(np.float32(0.3))) * Fraction(float(np.float32(0.1)))
    bias = RNG.standard_normal(8).astype(np.float32)
    bias[[2, 5]] = [0.5, 0.5]
    y = net.op("Gemm", net.quant("x", np.float32(0.3), 5), w, net.const(bias), transB=1)
    graph, _ = ingest(net.save(net.op("ArgMax", y, axis=1), tmp_path / "m.onnx"), "m")
    x = RNG.integers(-16, 16, (900, 12))
    x[::3] = RNG.integers(-1, 2, (300, 12)) * (RNG.random((300, 12)) < 0.3)  # close, decided by the biases
    sums = x @ graph.operators[0].weights.T  # type: ignore[attr-defined]
    real = [[int(s) * scale + Fraction(float(b)) for s, b in zip(row, bias, strict=True)] for row in sums]
    want = [row.index(max(row)) for row in real]
    np.testing.assert_array_equal(graph.run(x)[:, 0], want)
    assert len(set(want)) == 8


def test_classes_of_scales_in_a_small_ratio(tmp_path: Path) -> None:
    net = integers((1, 6))
    w = net.weights(RNG.standard_normal((4, 6)), np.array([[0.25], [0.5], [0.75], [0.25]]))
    y = net.op("Gemm", net.quant("x", 0.5, 4), w, net.const(RNG.integers(-9, 9, 4) / 16), transB=1)
    assert_follows_qonnx(net, net.op("ArgMax", y, axis=1), tmp_path / "m.onnx", count=40)


def test_a_negative_factor_turns_the_order(tmp_path: Path) -> None:
    net = integers((1, 7, 5))
    y = net.op("Mul", net.quant("x", 0.5, 4), net.const(-0.5))
    assert_follows_qonnx(net, net.op("ArgMax", y, axis=1), tmp_path / "m.onnx")


def test_what_is_refused(tmp_path: Path) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"axis": 1, "select_last_index": 1}, "take the first of equal"),
        ({"axis": 0}, "its axis is 0 of 3"),
    ]
    for attributes, message in cases:
        net = Net((1, 4, 5))
        y = net.op("ArgMax", net.quant("x", 0.25, 6), **attributes)
        with pytest.raises(Refused, match=message):
            ingest(net.save_raw(y, tmp_path / "m.onnx"), "m")
    net = Net((1, 4, 5))
    y = net.op("TopK", net.quant("x", 0.25, 6), net.const([4], np.int64), axis=1, largest=0)
    net.nodes[-1].output.append("places")
    with pytest.raises(Refused, match="takes the smallest"):
        ingest(net.save_raw(y, tmp_path / "m.onnx"), "m")
