"""Transposed convolutions against onnxruntime, and with any scales against the float runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.errors import Refused
from codesign.graph.operators.conv_transpose import ConvTranspose
from codesign.ingest import ingest
from codesign.ingest.testing import Net, assert_follows_qonnx
from codesign.ingest.verify import compare

RNG = np.random.default_rng(3)
CASES: list[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    ((4, 5), (4, 6, 3), {}),
    ((4, 5), (4, 6, 4), {"strides": [2], "pads": [1, 1]}),
    ((4, 5), (4, 6, 3), {"strides": [3], "pads": [1, 0], "output_padding": [2]}),
    ((4, 5), (4, 3, 3), {"group": 2, "dilations": [2], "pads": [2, 1]}),
    ((4, 5, 3), (4, 6, 2, 2), {"strides": [2, 2]}),
    ((4, 5, 3), (4, 2, 3, 4), {"strides": [2, 1], "pads": [1, 2, 0, 1], "dilations": [1, 2], "group": 4}),
    ((4, 5), (4, 6, 4), {"strides": [2], "auto_pad": "SAME_UPPER"}),
    ((4, 5), (4, 6, 5), {"strides": [2], "auto_pad": "SAME_UPPER"}),
    ((4, 5), (4, 6, 5), {"strides": [2], "auto_pad": "SAME_LOWER"}),
    ((4, 5), (4, 6, 3), {"strides": [2], "auto_pad": "VALID"}),
    ((4, 5), (4, 6, 4), {"strides": [2], "output_shape": [9]}),
    ((4, 5), (4, 6, 4), {"strides": [2], "output_shape": [12]}),
    ((4, 5, 3), (4, 6, 4, 3), {"strides": [2, 2], "output_shape": [9, 6], "auto_pad": "SAME_UPPER"}),
]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_conv_transpose(tmp_path: Path, case: int) -> None:
    frame, shape, attributes = CASES[case]
    outputs = shape[1] * attributes.get("group", 1)
    net = Net((1, *frame))
    scale = 2.0 ** RNG.integers(-3, 1, (1, shape[1], *[1] * (len(shape) - 2)))
    bias = [net.const(RNG.integers(-9, 9, outputs) / 16)] if case % 2 else []
    w = net.weights(RNG.standard_normal(shape), scale)
    y = net.op("ConvTranspose", net.quant("x", 0.25, 6), w, *bias, **attributes)
    graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
    assert [type(op) for op in graph.operators] == [ConvTranspose]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_any_scales_and_bipolar_inputs(tmp_path: Path, case: int) -> None:
    frame, shape, attributes = CASES[case]
    net = Net((1, *frame))
    w = net.weights(RNG.standard_normal(shape), RNG.uniform(0.1, 0.5, (1, shape[1], *[1] * (len(shape) - 2))))
    x = net.quant(net.quant("x", 0.07, 6), 0.3, 1)
    y = net.quant(net.op("Relu", net.op("ConvTranspose", x, w, **attributes)), 0.11, 4, 0)
    path = net.save(y, tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    result = compare(graph, path, RNG.standard_normal((20, *frame)).astype(np.float32), report)
    assert result.exact, result.first
    assert result.output_error < 1e-12


def test_a_scale_for_each_input_channel_is_refused(tmp_path: Path) -> None:
    net = Net((1, 4, 5))
    w = net.weights(RNG.standard_normal((4, 6, 3)), RNG.uniform(0.1, 0.5, (4, 1, 1)))
    path = net.save_raw(net.op("ConvTranspose", net.quant("x", 0.25, 6), w), tmp_path / "m.onnx")
    with pytest.raises(Refused, match="weight scale differs within an output"):
        ingest(path, "m")


def test_an_output_shape_that_its_kernel_does_not_reach_is_refused(tmp_path: Path) -> None:
    net = Net((1, 4, 5))
    w = net.weights(RNG.standard_normal((4, 6, 3)), 0.5)
    y = net.op("ConvTranspose", net.quant("x", 0.25, 6), w, strides=[2], output_shape=[14])
    with pytest.raises(Refused, match=r"output_shape \[14\] is 3 larger"):
        ingest(net.save_raw(y, tmp_path / "m.onnx"), "m")
