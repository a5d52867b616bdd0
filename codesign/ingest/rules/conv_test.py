"""Convolutions against QONNX's own execution."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.graph import Conv
from codesign.ingest import ingest
from codesign.ingest.testing import Net, assert_follows_qonnx

RNG = np.random.default_rng(3)
CASES: list[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    ((4, 9), (6, 4, 3), {"pads": [1, 1]}),
    ((4, 9), (6, 4, 4), {"pads": [3, 0], "strides": [2]}),
    ((4, 11), (6, 2, 3), {"dilations": [3], "group": 2}),
    ((4, 9), (4, 1, 5), {"pads": [2, 2], "group": 4}),
    ((4, 9), (6, 4, 1), {"strides": [2]}),
    ((4, 7, 6), (6, 4, 3, 2), {"pads": [1, 0, 2, 1], "strides": [2, 1], "dilations": [1, 2]}),
    ((4, 7, 6), (8, 2, 2, 3), {"group": 2, "pads": [0, 2, 1, 0]}),
    ((4, 9, 1), (6, 4, 5, 1), {"pads": [2, 0, 2, 0]}),
    ((4, 9), (6, 4, 4), {"auto_pad": "SAME_UPPER", "strides": [2]}),
    ((4, 7, 6), (6, 4, 2, 3), {"auto_pad": "SAME_LOWER", "strides": [2, 1]}),
    ((4, 9), (6, 4, 4), {"auto_pad": "VALID"}),
]


@pytest.mark.parametrize("case", range(len(CASES)))
@pytest.mark.parametrize("bias", [False, True])
def test_conv(tmp_path: Path, case: int, bias: bool) -> None:
    frame, shape, attributes = CASES[case]
    net = Net((1, *frame))
    scale = 2.0 ** RNG.integers(-3, 1, (shape[0], *[1] * (len(shape) - 1)))
    extra = [net.const(RNG.integers(-9, 9, shape[0]) / 16)] if bias else []
    w = net.weights(RNG.standard_normal(shape), scale)
    y = net.op("Conv", net.quant("x", 0.25, 6), w, *extra, kernel_shape=list(shape[2:]), **attributes)
    assert_follows_qonnx(net, y, tmp_path / "m.onnx")


def test_zero_padding_is_zero_whatever_the_zero_point(tmp_path: Path) -> None:
    """An unsigned input with zero point 37: the integers that flow have it subtracted."""
    net = Net((1, 4, 9))
    x = net.quant("x", 0.125, 8, signed=0, zero=37)
    y = net.op("Conv", x, net.weights(RNG.standard_normal((3, 4, 3)), 0.5), kernel_shape=[3], pads=[1, 1])
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    assert int(graph.tensors[graph.input].low[0]) == -37


def test_ranges_are_reached(tmp_path: Path) -> None:
    """The proven range is tight: the frames that match the weights' signs reach both ends."""
    net = Net((1, 3, 5))
    y = net.op("Conv", net.quant("x", 1.0, 4), net.weights(RNG.standard_normal((2, 3, 5)), 0.25), kernel_shape=[5])
    graph, _ = ingest(net.save(y, tmp_path / "m.onnx"), "m")
    (op,) = graph.operators
    assert isinstance(op, Conv)
    for channel in range(2):
        for sign, end in ((1, graph.tensors[op.output].high), (-1, graph.tensors[op.output].low)):
            frame = np.where(op.weights[channel] * sign > 0, 7, -8)[None]
            assert graph.run(frame)[0, 0, channel] == end[channel]


def test_depthwise_takes_a_scale_for_each_channel(tmp_path: Path) -> None:
    net = Net((1, 4, 9))
    x = net.quant("x", 2.0 ** np.array([-3, -2, -1, 0]).reshape(1, 4, 1), 6)
    y = net.op("Conv", x, net.weights(RNG.standard_normal((8, 1, 3)), 0.5), kernel_shape=[3], group=4)
    assert_follows_qonnx(net, y, tmp_path / "m.onnx")
