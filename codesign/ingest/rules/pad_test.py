"""Pads end up in the convolution that reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.graph import Conv
from codesign.ingest.testing import Net, assert_follows_qonnx

RNG = np.random.default_rng(4)


@pytest.mark.parametrize(("twice", "own"), [(False, [0, 0]), (False, [1, 2]), (True, [0, 1])])
def test_pads_add_up(tmp_path: Path, twice: bool, own: list[int]) -> None:
    net = Net((1, 4, 9))
    x = net.op("Pad", net.quant("x", 0.25, 6), net.const([0, 0, 3, 0, 0, 1], np.int64))
    if twice:
        x = net.op("Pad", x, net.const([0, 0, 0, 0, 0, 2], np.int64), net.const(0.0))
    w = net.weights(RNG.standard_normal((3, 4, 4)), 0.5)
    graph = assert_follows_qonnx(net, net.op("Conv", x, w, kernel_shape=[4], pads=own), tmp_path / "m.onnx")
    (op,) = graph.operators
    assert isinstance(op, Conv)
    assert op.pads == ((3 + own[0], 1 + own[1] + 2 * twice),)


def test_only_the_padded_branch_is_padded(tmp_path: Path) -> None:
    net = Net((1, 4, 9))
    x = net.quant("x", 0.25, 6)
    padded = net.op("Pad", x, net.const([0, 0, 1, 0, 0, 1], np.int64))
    a = net.op("Conv", padded, net.weights(RNG.standard_normal((3, 4, 3)), 0.5), kernel_shape=[3])
    b = net.op("Conv", x, net.weights(RNG.standard_normal((3, 4, 1)), 0.5), kernel_shape=[1])
    assert_follows_qonnx(net, net.op("Add", a, b), tmp_path / "m.onnx")
