"""Joins: of different tensors along any axis, of different scales, of parts of one tensor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.errors import Refused
from codesign.graph.operators.concat import Concat
from codesign.ingest import ingest
from codesign.ingest.testing import Net, assert_follows_qonnx
from codesign.ingest.verify import compare

RNG = np.random.default_rng(7)


def kinds(graph: object) -> list[str]:
    return [type(op).__name__ for op in graph.operators]  # type: ignore[attr-defined]


def two(net: Net, first: object, second: object) -> list[str]:
    x = net.quant("x", 0.25, 6)
    return [net.quant(x, first, 4), net.quant(net.op("Mul", x, net.const(0.5)), second, 5)]


@pytest.mark.parametrize("axis", [1, 2, -1])
@pytest.mark.parametrize(("first", "second"), [(0.5, 0.5), (0.25, 1.0), (0.75, 0.5)])
def test_two_tensors(tmp_path: Path, axis: int, first: float, second: float) -> None:
    """Along the channels each keeps its scale; along positions a factor makes them equal."""
    net = Net((1, 4, 5, 6))
    graph = assert_follows_qonnx(net, net.op("Concat", *two(net, first, second), axis=axis), tmp_path / "m.onnx")
    (op,) = (op for op in graph.operators if isinstance(op, Concat))
    assert op.axis == {1: -1, 2: -3, -1: -2}[axis]
    assert ("Requantize" in kinds(graph)[2:]) == (axis != 1 and first != second)


@pytest.mark.parametrize(("first", "second", "factors"), [(0.25, 0.25, 0), (0.25, 1.0, 1), (0.75, 0.5, 1)])
def test_a_convolution_brings_joined_scales_to_one_step(
    tmp_path: Path, first: float, second: float, factors: int
) -> None:
    net = Net((1, 4, 5, 6))
    y = net.op("Concat", *two(net, first, second), axis=1)
    w = net.weights(RNG.standard_normal((3, 8, 3, 3)), 0.5)
    graph = assert_follows_qonnx(net, net.op("Conv", y, w, kernel_shape=[3, 3], pads=[1] * 4), tmp_path / "m.onnx")
    assert kinds(graph)[2:] == ["Concat", *["Requantize"] * factors, "Conv"]


def test_a_scale_that_no_small_ratio_joins_is_refused_only_where_it_matters(tmp_path: Path) -> None:
    for groups, outputs in ((1, 3), (8, 8)):
        net = Net((1, 4, 5, 6))
        y = net.op("Concat", *two(net, 0.25, 0.37), axis=1)
        w = net.weights(RNG.standard_normal((outputs, 8 // groups, 3, 3)), 0.5)
        path = net.save(net.op("Conv", y, w, kernel_shape=[3, 3], group=groups), tmp_path / "m.onnx")
        if groups == 8:
            graph, report = ingest(path, "m")
            compare(graph, path, RNG.standard_normal((5, 4, 5, 6)).astype(np.float32), report).check()
        else:
            with pytest.raises(Refused, match=r"different scales.*0.25 to 0.37\) that no small integer ratio joins"):
                ingest(path, "m")
    net = Net((1, 4, 5, 6))
    each = np.array([0.25, 0.3, 0.25, 0.25]).reshape(1, 4, 1, 1)
    path = net.save(net.op("Concat", *two(net, each, 0.37), axis=2), tmp_path / "m.onnx")
    with pytest.raises(Refused, match=r"different scales.*give the branches the same quantizer"):
        ingest(path, "m")


def test_accumulators_and_bipolar_values(tmp_path: Path) -> None:
    """Offsets: of a bias, and of values held as 0 and 1; padded with real zeros behind."""
    net = Net((1, 4, 5, 6))
    x = net.quant("x", 0.25, 6)
    w = net.weights(RNG.standard_normal((2, 4, 1, 1)), np.array([0.5, 0.25]).reshape(2, 1, 1, 1))
    y = net.op("Conv", x, w, kernel_shape=[1, 1])
    y = net.op("Concat", net.quant(x, 0.5, 1), y, x, axis=1)
    v = net.weights(RNG.standard_normal((3, 10, 3, 3)), 0.5)
    assert_follows_qonnx(net, net.op("Conv", y, v, kernel_shape=[3, 3], pads=[1] * 4), tmp_path / "m.onnx")


def test_parts_of_one_tensor_are_joined_by_movement(tmp_path: Path) -> None:
    """Also of the model's floats, and between two float operators."""
    for before in ("input", "segment"):
        net = Net((1, 4, 6, 6))
        x = (
            "x"
            if before == "input"
            else net.op("Mul", net.quant("x", 0.25, 6), net.const([[[2.0]], [[1]], [[4]], [[1]]]))
        )
        parts = [
            net.op(
                "Slice",
                x,
                net.const([i, j], np.int64),
                net.const([9, 9], np.int64),
                net.const([2, 3], np.int64),
                net.const([2, 2], np.int64),
            )
            for i in (0, 1)
            for j in (0, 1)
        ]
        y = net.quant(net.op("Concat", *parts, axis=1), 0.5, 5)
        graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
        assert "Concat" not in kinds(graph)


def test_what_the_graph_cannot_move_as_a_whole_it_joins(tmp_path: Path) -> None:
    net = Net((1, 4, 6, 6))
    x = net.quant("x", 0.25, 6)
    y = net.op("Concat", net.op("Transpose", x, perm=[0, 1, 3, 2]), x, axis=1)
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    assert kinds(graph) == ["Transpose", "Concat"]


@pytest.mark.parametrize("axis", [1, 2])
def test_any_scales_meet_where_each_operand_has_one(tmp_path: Path, axis: int) -> None:
    """Along positions too, where the scales are of positions then; one channel, repeated, has no axis of its own."""
    net = Net((1, 1, 6))
    x = net.quant("x", 0.1, 4)
    wide = net.op("Expand", x, net.const([1, 4, 6], np.int64))
    made = net.op("Conv", wide, net.weights(RNG.standard_normal((4, 4, 1))), kernel_shape=[1])
    y = net.quant(net.op("Concat", wide, net.quant(made, 0.137, 5), axis=axis), 0.2, 5)
    path = net.save_raw(y, tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    frames = np.random.default_rng(0).standard_normal((30, 1, 6)).astype(np.float32)
    result = compare(graph, path, frames, report)
    assert result.exact and result.outputs > 30 * 40, result.first
