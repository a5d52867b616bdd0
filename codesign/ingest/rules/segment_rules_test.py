"""The small rules that only add a step to a segment, and those that do nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.ingest import rules
from codesign.ingest.testing import Net, assert_follows_qonnx


@pytest.mark.parametrize("opset", [9, 13])
@pytest.mark.parametrize(("low", "high"), [(-1.0, 2.5), (None, 1.0), (0.25, None)])
def test_clip(tmp_path: Path, opset: int, low: float | None, high: float | None) -> None:
    net = Net((1, 4, 9), opset)
    x = net.quant("x", 0.25, 6)
    bounds: dict[str, Any] = {n: v for n, v in (("min", low), ("max", high)) if v is not None}
    if opset == 9:
        y = net.op("Clip", x, **bounds)
    else:
        y = net.op("Clip", x, *("" if b is None else net.const(b) for b in (low, high)))
    assert_follows_qonnx(net, net.quant(y, 0.5, 5), tmp_path / "m.onnx")


def test_relu_then_batch_normalization(tmp_path: Path) -> None:
    """Variance + epsilon = 1/4 and powers of two: exact in float32."""
    net = Net((1, 4, 9))
    y = net.op("Relu", net.quant("x", 0.25, 6))
    gamma, beta = np.array([1, -2, 0.5, -0.25]), np.array([0.5, 1, -1, 0.25])
    y = net.bn(y, gamma, beta, np.array([0.5, 0.25, -0.5, 1]), np.full(4, 0.1875), epsilon=0.0625)
    assert_follows_qonnx(net, net.quant(y, 0.5, 5), tmp_path / "m.onnx")


def test_operators_that_do_nothing_and_constants_as_nodes(tmp_path: Path) -> None:
    from onnx import numpy_helper

    net = Net((1, 4, 9))
    y = net.op("Dropout", net.op("Identity", net.quant("x", 0.25, 6)))
    c = net.op("Constant", value=numpy_helper.from_array(np.array(0.75, np.float32)))
    y = net.op("Transpose", net.op("Add", y, c), perm=[0, 1, 2])
    assert_follows_qonnx(net, net.quant(y, 0.5, 5), tmp_path / "m.onnx")


def test_every_file_of_the_folder_registers_an_operator() -> None:
    folder = Path(rules.__file__).parent
    for file in folder.glob("*.py"):
        if file.name != "__init__.py" and not file.stem.endswith("_test"):
            modules = {rules.find(op).apply.__module__ for op in rules.operators()}  # type: ignore[union-attr]
            assert f"codesign.ingest.rules.{file.stem}" in modules
