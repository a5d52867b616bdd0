"""Trunc as QONNX executes it, in both versions, and behind an average pool's sum."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import onnx
import pytest

from codesign.errors import Refused
from codesign.ingest import ingest
from codesign.ingest.testing import EXACT_ROUND, GENERAL, Net, assert_follows_qonnx
from codesign.ingest.verify import compare

MODES = ["FLOOR", "CEIL", "ROUND", "DOWN", "HALF_UP", "UP"]


class TruncNet(Net):
    """QONNX's operator set 1 or 2, which decides the version of Trunc."""

    version = 2

    def model(self, output: str) -> onnx.ModelProto:
        model = super().model(output)
        next(o for o in model.opset_import if o.domain == GENERAL).version = self.version
        return model

    def trunc(self, x: str, scale: float, zero: float, bits: tuple[int, int], made: float | None, **a: object) -> str:
        stored = [scale, zero, bits[0], *([made] if made is not None else []), bits[1]]
        return self.op("Trunc", x, *(self.const(v) for v in stored), domain=GENERAL, **a)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("zero", [0, 8])
def test_version_1(tmp_path: Path, mode: str, zero: int) -> None:
    net = TruncNet((1, 4, 9))
    net.version = 1
    x = net.op("Neg", net.quant("x", 0.25, 8))
    assert_follows_qonnx(net, net.trunc(x, 0.25, zero, (8, 5), None, rounding_mode=mode), tmp_path / "m.onnx")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("signed", "narrow", "zero"), [(1, 0, 0), (1, 1, 8), (0, 0, 0), (0, 1, 16)])
def test_version_2(tmp_path: Path, mode: str, signed: int, narrow: int, zero: int) -> None:
    net = TruncNet((1, 4, 9))
    x = net.op("Add", net.quant("x", 0.25, 8), net.const(1.5))
    y = net.trunc(x, 0.25, zero, (9, 5), 2.0, rounding_mode=mode, signed=signed, narrow=narrow)
    assert_follows_qonnx(net, y, tmp_path / "m.onnx")


def test_what_is_no_integer_before_is_rounded_first(tmp_path: Path) -> None:
    """Rounding twice is not rounding once: 0.75 * x is rounded half to even, then truncated."""
    net = TruncNet((1, 4, 9))
    x = net.op("Mul", net.quant("x", 0.25, 8), net.const(0.375))
    assert_follows_qonnx(net, net.trunc(x, 0.25, 0, (8, 6), 1.0, rounding_mode="FLOOR"), tmp_path / "m.onnx")


@pytest.mark.parametrize("mode", ["FLOOR", "ROUND"])
@pytest.mark.parametrize("made", [None, 0.0999])
def test_behind_an_average_pool_at_any_scale(tmp_path: Path, mode: str, made: float | None) -> None:
    """As Brevitas exports it: the mean times the number of positions is the sum, whose low bits go."""
    scale = np.float32(0.0237)
    net = TruncNet((1, 4, 4, 4))
    x = net.quant(net.op("Relu", net.quant("x", scale, 8)), scale, 7, 0)
    total = net.op("Mul", net.op("GlobalAveragePool", x), net.const(16.0))
    attributes = {"rounding_mode": mode, **({} if made is None else {"signed": 0, "narrow": 0})}
    y = net.trunc(total, float(scale), 0, (11, 7), made, **attributes)
    path = net.save_raw(y, tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    frames = np.random.default_rng(0).standard_normal((300, 4, 4, 4)).astype(np.float32)
    assert compare(graph, path, frames, report).exact
    trace = graph.trace(graph.head.run(frames))
    step = 16 if made is None else 4
    sums = trace[report.segments[-1].input]
    want = np.vectorize(lambda v: EXACT_ROUND[mode](Fraction(int(v), step)))(sums)
    np.testing.assert_array_equal(trace[y].reshape(sums.shape), np.minimum(want, 127))
    np.testing.assert_allclose(graph.tensors[y].scale, scale if made is None else np.float32(made))


@pytest.mark.parametrize(
    ("zero", "made", "mode", "expected"),
    [
        (3, 2.0, "FLOOR", "zero point 3 is 0.375 in steps of its output"),
        (0, -2.0, "FLOOR", "scale that is not positive"),
        (0, 2.0, "STOCHASTIC", "rounding mode is STOCHASTIC"),
    ],
)
def test_refusals(tmp_path: Path, zero: int, made: float, mode: str, expected: str) -> None:
    net = TruncNet((1, 4, 9))
    y = net.trunc(net.quant("x", 0.25, 8), 0.25, zero, (8, 5), made, rounding_mode=mode)
    with pytest.raises(Refused, match=expected):
        ingest(net.save_raw(y, tmp_path / "m.onnx"), "m")
