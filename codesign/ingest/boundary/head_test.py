"""Heads by thresholds: the smallest float32 of every level, against rational arithmetic beside every threshold."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import Refused
from codesign.graph import IntegerGraph
from codesign.ingest import ingest
from codesign.ingest.boundary.head import LAST, float32_at
from codesign.ingest.testing import Net, exact, exact_quant, root
from codesign.ingest.verify import compare

RNG = np.random.default_rng(0)


def around(graph: IntegerGraph) -> np.ndarray:
    """Frames float32 [N, *model_shape] (channels first, one position) on, just below and just above each threshold."""
    thresholds = graph.head.thresholds
    assert thresholds is not None and graph.head.descending is not None
    signs = np.where(graph.head.descending, -1, 1).astype(np.float32)[:, None]
    at = np.where(np.abs(thresholds) < 1e38, thresholds, 0).astype(np.float32) * signs
    beside = [at, np.nextafter(at, np.float32(np.inf)), np.nextafter(at, -np.float32(np.inf))]
    wild = RNG.standard_normal((len(at), 50)).astype(np.float32) * 3
    values = np.concatenate([*beside, wild, np.full((len(at), 1), 3e38), np.full((len(at), 1), -3e38)], axis=1)
    shape = graph.head.model_shape
    every = np.broadcast_to(values.astype(np.float32), (shape[0], values.shape[1]))
    return np.ascontiguousarray(every.T.reshape(-1, shape[0], *shape[1:]))


def test_places_are_the_order_of_float32() -> None:
    values = np.sort(RNG.standard_normal(1000).astype(np.float32))
    assert float32_at(np.array(0)) == 0 and float32_at(np.array(1)) == np.float32(1e-45)
    assert float32_at(np.array([LAST, -LAST])).tolist() == [np.finfo(np.float32).max, np.finfo(np.float32).min]
    places = np.where(values < 0, -np.abs(values).view(np.int32).astype(np.int64), np.abs(values).view(np.int32))
    assert (np.diff(places) > 0).all()
    np.testing.assert_array_equal(float32_at(places), values)


@pytest.mark.parametrize("mode", ["ROUND", "FLOOR", "CEIL", "ROUND_TO_ZERO", "UP", "HALF_UP", "HALF_DOWN"])
@pytest.mark.parametrize(("signed", "zero"), [(1, 0), (0, 3)])
def test_float_operators_before_the_quantizer(tmp_path: Path, mode: str, signed: int, zero: int) -> None:
    """x * a - b, with a of both signs and zero, exactly; scales that are no power of two."""
    a = np.array([2.0, -0.37, 0.0, 1.1], np.float32)
    b = np.array([1.0, 0.2, 0.3, -0.7], np.float32)
    scale = np.float32(0.0317)
    net = Net((1, 4, 1))
    y = net.op("Sub", net.op("Mul", "x", net.const(a.reshape(1, 4, 1))), net.const(b.reshape(4, 1)))
    path = net.save_raw(net.quant(y, scale, 5, signed, zero, mode), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    assert report.head.form == "thresholds" and report.head.descending == 1
    x = around(graph)
    got = graph.head.run(x)
    for frame, row in zip(x[:, :, 0], got[:, 0], strict=True):
        want = [
            exact_quant(exact(v) * exact(p) - exact(q), scale, 5, signed, zero, mode)
            for v, p, q in zip(frame, a, b, strict=True)
        ]
        assert row.tolist() == want
    tensor = graph.tensors[graph.input]
    assert tensor.low[2] == tensor.high[2], "a factor of zero leaves one value"
    result = compare(graph, path, np.clip(x, -1e6, 1e6), report)
    assert (result.float64_differences, result.unexplained) == (0, 0), result.first
    assert result.float64_ties == 0


def test_exact_ties_are_decided_by_rationals(tmp_path: Path) -> None:
    """2 x - 1 in steps of 1/64: every boundary is a float32 number of its own."""
    net = Net((1, 3, 1))
    y = net.op("Sub", net.op("Mul", "x", net.const(2.0)), net.const(1.0))
    path = net.save_raw(net.quant(y, 1 / 64, 8), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    assert graph.head.thresholds is not None and graph.head.thresholds.shape == (1, 255)
    assert report.head.decided_exactly > 200
    x = around(graph)
    want = [[exact_quant(2 * exact(v) - 1, 1 / 64, 8, 1) for v in frame] for frame in x[:, :, 0]]
    np.testing.assert_array_equal(graph.head.run(x)[:, 0], want)


def test_batch_normalization_and_relu(tmp_path: Path) -> None:
    gamma, beta, mean, variance = (RNG.uniform(0.5, 2, 4).astype(np.float32) for _ in range(4))
    gamma[1] *= -1
    net = Net((1, 4, 1))
    y = net.op("Relu", net.bn("x", gamma, beta, mean, variance))
    graph, report = ingest(net.save_raw(net.quant(y, 0.1, 4, 0), tmp_path / "m.onnx"), "m")
    x = around(graph)
    for frame, row in zip(x[:, :, 0], graph.head.run(x)[:, 0], strict=True):
        for c, v in enumerate(frame):
            spread = root(exact(variance[c]) + exact(1e-5))
            y_exact = (exact(v) - exact(mean[c])) * exact(gamma[c]) / spread + exact(beta[c])
            assert row[c] == exact_quant(max(y_exact, Fraction(0)), 0.1, 4, 0)
    assert report.head.source == ("BatchNormalization_5", "Relu_6", "Quant_10")


def test_a_bipolar_input(tmp_path: Path) -> None:
    """Zero is +1; held as 0 and 1; behind it a movement."""
    net = Net((1, 1, 4, 4))
    y = net.op("BipolarQuant", net.op("Flatten", net.op("Sub", "x", net.const(0.5))), net.const(1.0))
    net.nodes[-1].domain = "qonnx.custom_op.general"
    w = net.weights(RNG.standard_normal((3, 16)), 0.25)
    path = net.save_raw(net.op("Gemm", y, w, transB=1), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    x = RNG.uniform(0, 1, (200, 1, 4, 4)).astype(np.float32)
    x[0, 0, 0] = [0.5, np.nextafter(np.float32(0.5), np.float32(0)), 0, 1]
    np.testing.assert_array_equal(graph.head.run(x)[0].reshape(4, 4)[0], [1, 0, 0, 1])
    tensor = graph.tensors[graph.input]
    assert (int(tensor.low.min()), int(tensor.high.max())) == (0, 1)
    result = compare(graph, path, x, report)
    assert (result.float64_differences, result.unexplained) == (0, 0), result.first
    assert result.outputs == 200 * 16 and result.output_error < 1e-12


def test_a_movement_before_the_quantizer_with_parameters_of_their_own(tmp_path: Path) -> None:
    """The channels of the model's input are the ones that thresholds belong to."""
    net = Net((1, 2, 3, 3))
    y = net.op("Flatten", net.op("Mul", "x", net.const(np.array([1.5, -0.6]).reshape(2, 1, 1))))
    path = net.save_raw(
        net.op("Gemm", net.quant(y, 0.07, 4), net.weights(RNG.standard_normal((3, 18))), transB=1), tmp_path / "m.onnx"
    )
    graph, report = ingest(path, "m")
    assert graph.head.thresholds is not None and len(graph.head.thresholds) == 2
    x = RNG.standard_normal((300, 2, 3, 3)).astype(np.float32)
    result = compare(graph, path, x, report)
    assert (result.float64_differences, result.unexplained) == (0, 0), result.first
    assert result.output_error < 1e-12


def test_a_planted_fault_in_the_thresholds_is_found(tmp_path: Path) -> None:
    net = Net((1, 4, 1))
    path = net.save_raw(net.quant(net.op("Mul", "x", net.const(2.0)), 0.1, 4), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    head = graph.head
    assert head.thresholds is not None
    object.__setattr__(head, "thresholds", head.thresholds * np.float32(1.01))
    result = compare(graph, path, RNG.standard_normal((500, 4, 1)).astype(np.float32), report)
    assert result.float64_differences > 0 and result.unexplained > 0


def test_what_may_turn_is_refused(tmp_path: Path) -> None:
    net = Net((1, 4, 1))
    path = net.save_raw(net.quant(net.op("Mul", "x", "x"), 0.1, 4), tmp_path / "m.onnx")
    with pytest.raises(Refused, match=r"Mul '"):
        ingest(path, "m")
