"""Quantized weights and inputs: exact where float32's quotient is a tie or close to one."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from codesign.graph import Conv
from codesign.ingest import ingest
from codesign.ingest.functions.rounding import round_quotients
from codesign.ingest.testing import EXACT_ROUND, Net, assert_follows_qonnx, exact_quant

MODES = ["ROUND", "FLOOR", "CEIL", "ROUND_TO_ZERO", "UP", "HALF_UP", "HALF_DOWN"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("zero", [0, 1, -3])
def test_round_quotients_is_exact(mode: str, zero: int) -> None:
    rng = np.random.default_rng(0)
    scale = rng.uniform(0.01, 1, 400).astype(np.float32)
    k = rng.integers(-9, 10, 400)
    # On half and whole multiples of the scale as float32 stores them, beside them, and anywhere.
    near = (scale * (k / 2).astype(np.float32)).astype(np.float32)
    x = np.concatenate([near, np.nextafter(near, np.float32(9)), rng.uniform(-4, 4, 400), scale * 3, scale * -2.5])
    y = np.tile(scale, 5)
    x, y = x.astype(np.float32).astype(np.float64), y.astype(np.float64)
    name = {"ROUND": "HALF_EVEN"}.get(mode, mode)
    want = [EXACT_ROUND[mode](Fraction(a) / Fraction(b) + zero) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    np.testing.assert_array_equal(round_quotients(x, y, zero, name), want)


@pytest.mark.parametrize("mode", MODES)
def test_weights(tmp_path: Path, mode: str) -> None:
    rng = np.random.default_rng(1)
    scale = rng.uniform(0.05, 0.4, (3, 1, 1)).astype(np.float32)
    value = (scale * rng.integers(-18, 19, (3, 4, 5)) / 2).astype(np.float32)
    net = Net((1, 4, 9))
    w = net.quant(net.const(value), scale, 4, mode=mode, narrow=1, zero=1)
    graph, _ = ingest(net.save(net.op("Conv", net.quant("x", 0.25), w, kernel_shape=[5]), tmp_path / "m.onnx"), "m")
    (op,) = graph.operators
    assert isinstance(op, Conv)
    for index in np.ndindex(3, 4, 5):
        o, i, k = index
        want = exact_quant(Fraction(float(value[index])), scale[o, 0, 0], 4, 1, 1, mode, 1)
        assert op.weights[o, k, i] == want


def test_bipolar_weights(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    net = Net((1, 4))
    w = net.op("BipolarQuant", net.const(rng.standard_normal((3, 4))), net.const(0.5), domain="qonnx.custom_op.general")
    graph = assert_follows_qonnx(net, net.op("Gemm", net.quant("x", 0.25, 4), w, transB=1), tmp_path / "m.onnx")
    assert set(np.unique(graph.operators[0].weights)) == {-1, 1}  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", ["ROUND", "FLOOR", "CEIL", "ROUND_TO_ZERO"])
@pytest.mark.parametrize(("signed", "zero"), [(1, 0), (0, 100), (1, -7)])
def test_head(tmp_path: Path, mode: str, signed: int, zero: int) -> None:
    """Frames on exact multiples and halves of a float32 scale."""
    scale = np.float32(0.0317)
    net = Net((1, 2, 300))
    y = net.quant("x", scale, 8, signed, zero, mode)
    graph, report = ingest(net.save_raw(y, tmp_path / "m.onnx"), "m")
    assert report.segments == ()
    k = np.arange(-300, 300).reshape(1, 2, 300)
    x = (scale * (k / 2).astype(np.float32)).astype(np.float32)
    want = [exact_quant(Fraction(float(v)), scale, 8, signed, zero, mode) for v in x.ravel()]
    np.testing.assert_array_equal(np.moveaxis(graph.head.run(x), -1, 1).ravel(), want)
    np.testing.assert_allclose(graph.infer(x).ravel(), np.array(want) * float(scale))
