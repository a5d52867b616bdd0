"""Reductions over any axes of a frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.graph import GlobalSum
from codesign.ingest.testing import Net, assert_follows_qonnx


@pytest.mark.parametrize(
    ("kind", "frame", "opset", "attributes"),
    [
        ("GlobalAveragePool", (4, 8), 13, {}),
        ("GlobalAveragePool", (4, 8, 2), 13, {}),
        ("ReduceMean", (4, 8), 13, {"axes": [2], "keepdims": 0}),
        ("ReduceMean", (4, 4, 4), 13, {"axes": [-1, 2], "keepdims": 1}),
        ("ReduceMean", (4, 4, 4), 18, {"keepdims": 0}),
    ],
)
def test_mean(tmp_path: Path, kind: str, frame: tuple[int, ...], opset: int, attributes: dict[str, Any]) -> None:
    net = Net((1, *frame), opset)
    axes = [net.const([2, 3], np.int64)] if opset == 18 else []
    y = net.op(kind, net.quant("x", 0.25, 6), *axes, **attributes)
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    (op,) = graph.operators
    assert isinstance(op, GlobalSum)


def test_a_third_stays_exact(tmp_path: Path) -> None:
    """The mean of three positions, times three, on a tie of the next quantizer: 1/3 must not be rounded on the way."""
    from codesign.ingest import ingest

    net = Net((1, 4, 3))
    y = net.op("Mul", net.op("GlobalAveragePool", net.quant("x", 0.1, 4)), net.const(3.0))
    graph, _ = ingest(net.save(net.quant(y, np.float32(0.1) * 2, 5), tmp_path / "m.onnx"), "m")
    sums = np.arange(-24, 22)
    frames = np.stack([np.clip(sums, -8, 7), np.clip(sums + 8 * (sums < 0) - 7 * (sums > 0), -8, 7), sums * 0], 1)
    frames[:, 2] = sums - frames[:, 0] - frames[:, 1]
    keep = (np.abs(frames) <= 7).all(1)
    found = graph.run(np.repeat(frames[keep][:, :, None], 4, 2))
    assert keep.sum() > 20
    np.testing.assert_array_equal(found.reshape(-1, 4)[:, 0], np.clip(np.rint(sums[keep] / 2), -16, 15))


@pytest.mark.parametrize("kind", ["ReduceMean", "ReduceSum", "ReduceMax"])
@pytest.mark.parametrize(
    ("axes", "kinds"),
    [
        ([2], {"ReduceMax": ["MaxPool"], "": ["SumPool"]}),
        ([3], {"ReduceMax": ["MaxPool"], "": ["SumPool"]}),
        ([2, 3], {"ReduceMax": ["MaxPool"], "": ["GlobalSum"]}),
        ([1], {"ReduceMax": ["TopK"], "": ["MatMul"]}),
        ([1, 3], {"ReduceMax": ["MaxPool", "TopK"], "": ["SumPool", "MatMul"]}),
        ([1, 2, 3], {"ReduceMax": ["MaxPool", "TopK"], "": ["GlobalSum", "MatMul"]}),
    ],
)
@pytest.mark.parametrize("keep", [0, 1])
def test_any_axes(tmp_path: Path, kind: str, axes: list[int], kinds: dict[str, list[str]], keep: int) -> None:
    """Powers of two, so that float32 is exact."""
    net = Net((1, 4, 8, 2))
    x = net.quant("x", 0.25, 8)
    if kind == "ReduceSum":
        y = net.op(kind, x, net.const(axes, np.int64), keepdims=keep)
    else:
        y = net.op(kind, x, axes=axes, keepdims=keep)
    if axes == [1, 2, 3] and not keep:  # a result without axes is no frame
        return
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx", count=6)
    found = [type(op).__name__ for op in graph.operators if type(op).__name__ != "Reshape"]
    assert found == kinds.get(kind, kinds[""])


def test_over_the_tokens_of_a_transposed_frame(tmp_path: Path) -> None:
    """(1, T, C) by a transpose: the graph's channels are where they were, and the sum runs over positions."""
    net = Net((1, 4, 8))
    y = net.op("ReduceMean", net.op("Transpose", net.quant("x", 0.25, 6), perm=[0, 2, 1]), axes=[1], keepdims=0)
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    assert [type(op) for op in graph.operators] == [GlobalSum]


@pytest.mark.parametrize("axes", [[1], [2], [1, 2]])
def test_bipolar_values(tmp_path: Path, axes: list[int]) -> None:
    """-1 and 1 are held as 0 and 1; their sums have an offset."""
    net = Net((1, 4, 8))
    y = net.op("ReduceMean", net.quant(net.quant("x", 0.25, 6), 0.5, 1), axes=axes, keepdims=1)
    assert_follows_qonnx(net, y, tmp_path / "m.onnx", count=9)


def test_a_scale_for_each_channel_in_a_small_ratio(tmp_path: Path) -> None:
    net = Net((1, 4, 8))
    x = net.quant("x", np.array([[0.25], [0.5], [0.25], [0.75]]), 6)
    for kind in ("ReduceMean", "ReduceMax"):
        assert_follows_qonnx(net, net.op(kind, x, axes=[1], keepdims=1), tmp_path / "m.onnx")
