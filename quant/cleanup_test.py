"""The quick clean-up gives the bytes of qonnx' own, with nothing folded beforehand."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from brevitas.export import export_qonnx
from qonnx.util.cleanup import cleanup

from quant.cleanup import cleaned, fold
from quant.layers.quantizers import Quantizers
from quant.layers.temporal import TemporalNet
from quant.layers.temporal_shape import TemporalShape

SHAPE = TemporalShape(frames=9, inputs=6, widths=(4, 8), kernel=4, classes=3, convolutions=2)


def test_bytes_are_those_of_qonnx(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = TemporalNet(SHAPE, Quantizers())
    net(torch.randn(4, 6, 9))
    raw, path = tmp_path / "raw.onnx", tmp_path / "clean.onnx"
    export_qonnx(net.eval(), args=torch.zeros(1, 6, 9), export_path=str(raw), dynamo=False, opset_version=13)
    cleanup(str(raw), out_file=str(path))
    found, expected = cleaned(raw), onnx.load(path)
    assert found.SerializeToString(deterministic=True) == expected.SerializeToString(deterministic=True)
    before, after = (len(model.graph.node) for model in (onnx.load(raw), fold(onnx.load(raw))))
    assert before > after == len(expected.graph.node)
