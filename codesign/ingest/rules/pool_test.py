"""Pools against onnxruntime; on integers, and on floats that a quantizer ends later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.errors import Refused
from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.sum_pool import SumPool
from codesign.ingest import ingest
from codesign.ingest.testing import Net, assert_follows_qonnx
from codesign.ingest.verify import compare

RNG = np.random.default_rng(3)
WINDOWS: list[tuple[tuple[int, ...], dict[str, Any]]] = [
    ((9,), {"kernel_shape": [3]}),
    ((9,), {"kernel_shape": [3], "strides": [2], "pads": [1, 0]}),
    ((10,), {"kernel_shape": [3], "strides": [2], "ceil_mode": 1}),
    ((10,), {"kernel_shape": [2], "strides": [4], "pads": [1, 1], "ceil_mode": 1}),
    ((9,), {"kernel_shape": [2], "strides": [2], "auto_pad": "SAME_UPPER"}),
    ((7, 6), {"kernel_shape": [3, 2], "strides": [2, 1], "pads": [1, 0, 1, 1]}),
    ((7, 6), {"kernel_shape": [2, 2], "strides": [2, 2], "auto_pad": "SAME_LOWER"}),
    ((7, 6), {"kernel_shape": [2, 3], "auto_pad": "VALID"}),
    ((8, 6), {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}),
]


@pytest.mark.parametrize("case", [*range(len(WINDOWS)), -1])
def test_max_pool(tmp_path: Path, case: int) -> None:
    spatial, attributes = WINDOWS[case] if case >= 0 else ((9, 8), {"kernel_shape": [3, 2], "dilations": [2, 3]})
    net = Net((1, 4, *spatial))
    y = net.op("MaxPool", net.quant("x", 0.25, 6), **attributes)
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    assert [type(op) for op in graph.operators] == [MaxPool]


@pytest.mark.parametrize("case", range(len(WINDOWS)))
def test_average_pool(tmp_path: Path, case: int) -> None:
    """Windows of 2 and 4 values, so that float32 is exact."""
    spatial, attributes = WINDOWS[case]
    attributes = {**attributes, "kernel_shape": [2] * len(spatial), "count_include_pad": 1}
    if case in (2, 3, 4):
        attributes |= {"ceil_mode": 0}
    net = Net((1, 4, *spatial))
    y = net.op("AveragePool", net.quant("x", 0.25, 6), **attributes)
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    assert [type(op) for op in graph.operators] == [SumPool]


def test_zeros_padded_before_an_average_are_counted(tmp_path: Path) -> None:
    net = Net((1, 4, 6, 6))
    x = net.op("Pad", net.quant("x", 0.25, 6), net.const([0, 0, 1, 0, 0, 0, 1, 2], np.int64))
    graph = assert_follows_qonnx(net, net.op("AveragePool", x, kernel_shape=[2, 2]), tmp_path / "m.onnx")
    (op,) = graph.operators
    assert isinstance(op, SumPool)
    assert op.pads == ((1, 1), (0, 2))


def test_zeros_padded_before_a_maximum_compete(tmp_path: Path) -> None:
    net = Net((1, 4, 6, 6))
    x = net.op("Pad", net.quant("x", 0.25, 6), net.const([0, 0, 1, 0, 0, 0, 1, 2], np.int64))
    graph = assert_follows_qonnx(net, net.op("MaxPool", x, kernel_shape=[2, 2]), tmp_path / "m.onnx")
    assert [type(op).__name__ for op in graph.operators] == ["Pad", "MaxPool"]


def test_bipolar_values(tmp_path: Path) -> None:
    """-1 and 1 are held as 0 and 1; a padded zero lies between them."""
    cases: list[tuple[str, dict[str, Any]]] = [
        ("MaxPool", {}),
        ("AveragePool", {"pads": [1, 0, 1, 1], "count_include_pad": 1}),
        ("AveragePool", {}),
    ]
    for kind, attributes in cases:
        net = Net((1, 4, 6, 6))
        x = net.quant(net.quant("x", 0.25, 6), 0.5, 1)
        y = net.op(kind, x, kernel_shape=[2, 2], **attributes)
        w = net.weights(RNG.standard_normal((3, 4, 1, 1)), 0.5)
        assert_follows_qonnx(net, net.op("Conv", y, w, kernel_shape=[1, 1]), tmp_path / "m.onnx")


def accumulator(net: Net, gamma: Any = None) -> str:
    w = net.weights(RNG.standard_normal((6, 4, 3, 3)))
    y = net.op("Conv", net.quant("x", 0.1, 5), w, net.const(RNG.standard_normal(6)), kernel_shape=[3, 3])
    if gamma is None:
        return y
    beta, mean = RNG.standard_normal((2, 6))
    return net.bn(y, gamma, beta, mean, RNG.uniform(0.5, 2, 6))


FALLING = np.array([1, -1, 0.5, -2, 0, -0.3])
FLOATS: dict[str, tuple[Callable[[Net], str], list[str]]] = {
    "conv, maximum, relu": (
        lambda n: n.op("Relu", n.op("MaxPool", accumulator(n), kernel_shape=[2, 2])),
        ["Conv", "MaxPool"],
    ),
    "relu, maximum": (
        lambda n: n.op("MaxPool", n.op("Relu", accumulator(n)), kernel_shape=[2, 2], strides=[2, 2], pads=[1, 1, 1, 1]),
        ["Conv", "MaxPool"],
    ),
    "falling channels, maximum": (
        lambda n: n.op("MaxPool", n.op("Relu", accumulator(n, FALLING)), kernel_shape=[2, 2]),
        ["Conv", "Requantize", "MaxPool"],
    ),
    "maximum, falling channels": (
        lambda n: n.bn(n.op("MaxPool", accumulator(n), kernel_shape=[2, 2]), FALLING, *np.ones((3, 6))),
        ["Conv", "MaxPool"],
    ),
    "batch norm, mean": (
        lambda n: n.op("AveragePool", accumulator(n, FALLING), kernel_shape=[2, 2], strides=[2, 2]),
        ["Conv", "SumPool"],
    ),
    "transposed, batch norm, maximum": (
        lambda n: n.op(
            "MaxPool",
            n.bn(n.op("Transpose", accumulator(n), perm=[0, 1, 3, 2]), FALLING, *np.ones((3, 6))),
            kernel_shape=[3, 1],
        ),
        ["Conv", "Transpose", "Requantize", "MaxPool"],
    ),
    "shuffled behind a batch norm, mean": (
        lambda n: n.op(
            "AveragePool",
            n.op("Gather", accumulator(n, FALLING), n.const([3, 1, 5, 0, 2, 4], np.int64), axis=1),
            kernel_shape=[2, 2],
        ),
        ["Conv", "ChannelShuffle", "SumPool"],
    ),
    "batch norm, global mean": (lambda n: n.op("GlobalAveragePool", accumulator(n, FALLING)), ["Conv", "GlobalSum"]),
    "relu of integers, mean": (
        lambda n: n.op("AveragePool", n.op("Relu", n.quant("x", 0.1, 5)), kernel_shape=[2, 2]),
        ["Requantize", "SumPool"],
    ),
    "batch norm, sum": (
        lambda n: n.op("ReduceSum", accumulator(n, FALLING), n.const([2, 3], np.int64)),
        ["Conv", "GlobalSum"],
    ),
    "batch norm, global maximum": (
        lambda n: n.op("GlobalMaxPool", accumulator(n, FALLING)),
        ["Conv", "Requantize", "MaxPool"],
    ),
}


@pytest.mark.parametrize("case", FLOATS)
def test_on_floats_that_a_quantizer_ends_later(tmp_path: Path, case: str) -> None:
    build, kinds = FLOATS[case]
    net = Net((1, 4, 8, 7))
    path = net.save(net.quant(build(net), 2.9 if "sum" in case else 0.13, 6), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    assert [type(op).__name__ for op in graph.operators[:-1]] == kinds
    result = compare(graph, path, RNG.standard_normal((20, 4, 8, 7)).astype(np.float32), report)
    assert result.exact, result.first
    assert result.output_error < 1e-12
    assert len(np.unique(graph.infer(RNG.standard_normal((20, 4, 8, 7)).astype(np.float32)))) > 5


def biased(net: Net, x: str) -> str:
    y = net.op("Conv", x, net.weights(RNG.standard_normal((6, 4, 3, 3))), kernel_shape=[3, 3])
    return net.op("Add", y, net.const(0.7))


REFUSED: dict[str, tuple[Callable[[Net, str], str], str]] = {
    "pads not counted": (
        lambda n, x: n.op("AveragePool", x, kernel_shape=[2, 2], pads=[1, 1, 1, 1]),
        "not counted.*another divisor.*count_include_pad",
    ),
    "ceil_mode beyond": (
        lambda n, x: n.op("AveragePool", x, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
        "ceil_mode adds windows",
    ),
    "mean of a relu": (
        lambda n, x: n.op("AveragePool", n.op("Relu", biased(n, x)), kernel_shape=[2, 2]),
        "averages floats that 'Relu",
    ),
    "window too large": (lambda n, x: n.op("MaxPool", x, kernel_shape=[9, 2]), r"window \(9, 2\) is larger"),
    "another rank": (lambda n, x: n.op("MaxPool", x, kernel_shape=[2]), "kernel_shape are .2., for 2 spatial"),
    "mean over the batch": (lambda n, x: n.op("ReduceMean", x, axes=[0, 1]), r"works over the axes \[0, 1\]"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(tmp_path: Path, case: str) -> None:
    build, message = REFUSED[case]
    net = Net((1, 4, 6, 6))
    with pytest.raises(Refused, match=message):
        ingest(net.save_raw(build(net, net.quant("x", 0.25, 6)), tmp_path / "m.onnx"), "m")
