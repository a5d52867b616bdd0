"""Whole nets against both float runs, and the comparison against planted faults."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx

from codesign.errors import VerificationFailed
from codesign.graph import Requantize
from codesign.ingest import float32, float64, ingest, verify
from codesign.ingest.testing import Net, random_residual
from codesign.ingest.verify import compare, float64_run


def frames(count: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(1).standard_normal((count, *shape)).astype(np.float32)


@pytest.mark.parametrize(("seed", "bits", "wide"), [(0, 4, 8), (1, 4, 4), (2, 2, 8), (3, 8, 8), (4, 3, 6), (5, 6, 12)])
def test_residual_nets_have_no_difference_but_listed_ties(tmp_path: Path, seed: int, bits: int, wide: int) -> None:
    net, output = random_residual(seed, bits=bits, wide=wide)
    path = net.save(output, tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    result = compare(graph, path, frames(300, 6, 16), report)
    assert result.outputs > 200_000
    assert (result.float64_differences, result.float64_ties, result.unexplained) == (0, 0, 0), result.first
    assert result.float32_differences == result.explained
    assert result.output_error < 1e-12
    result.check()


def test_float32_differences_sit_on_listed_ties(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wide outputs make float32 fall the other way often; every time where the compiler said."""
    net = Net((1, 4, 64))
    rng = np.random.default_rng(0)
    w = net.weights(rng.standard_normal((8, 4, 5)), bits=8)
    y = net.op("Conv", net.quant("x", 0.02, 10), w, kernel_shape=[5], pads=[2, 2], strides=[1], dilations=[1])
    y = net.bn(y, rng.uniform(-1, 1, 8), rng.standard_normal(8), rng.standard_normal(8), rng.uniform(1, 9, 8))
    path = net.save(net.quant(y, 0.0001, 16), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    monkeypatch.setattr(verify, "_rounded", lambda *_: False)
    result = compare(graph, path, frames(200, 4, 64), report)
    assert result.float64_differences == 0
    assert result.float32_differences > 0
    assert result.unexplained == 0, result.first
    unlisted = replace(report, segments=tuple(replace(s, near_ties=()) for s in report.segments))
    found = compare(graph, path, frames(200, 4, 64), unlisted)
    assert found.unexplained == result.float32_differences
    assert "float32" in found.first


def test_exact_ties_are_counted_apart(tmp_path: Path) -> None:
    """Products that are ties in rationals and not in float64: the compiler's answer stands."""
    net = Net((1, 4))
    third, b = np.float32(1) / np.float32(3), np.float32(0.7)
    y = net.op("Mul", net.op("Mul", net.quant("x", 0.1, 6), net.const(third)), net.const(b))
    y = net.op("Mul", net.op("Div", net.op("Div", y, net.const(third)), net.const(b)), net.const(3))
    path = net.save(net.quant(y, np.float32(2) * np.float32(0.1), 6), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    result = compare(graph, path, frames(300, 4), report)
    assert result.float64_differences == 0
    assert result.float64_ties > 0
    assert result.unexplained == 0
    assert result.exact


@pytest.mark.parametrize("field", ["offset", "multiplier", "head"])
def test_a_planted_fault_is_found_and_named(tmp_path: Path, field: str) -> None:
    net, output = random_residual(0)
    path = net.save(output, tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    if field == "head":
        graph.head = replace(graph.head, scale=graph.head.scale * 1.01)
        name = graph.input
    else:
        index = next(i for i, op in enumerate(graph.operators) if isinstance(op, Requantize))
        op = graph.operators[index]
        assert isinstance(op, Requantize)
        change = 1 << (op.shift - 4) if field == "offset" else 3
        graph.operators[index] = replace(op, **{field: getattr(op, field) + change})
        name = op.output
    result = compare(graph, path, frames(20, 6, 16), report)
    assert result.float64_differences > 0
    assert result.unexplained > 0
    assert result.first.startswith(f"{name} at (")
    with pytest.raises(VerificationFailed, match="quantizer outputs differ; first: "):
        result.check()


def test_float64_run_and_float32_run_follow_qonnx(tmp_path: Path) -> None:
    """Both executors, which share no code with QONNX, give what its own execution gives, at power-of-two scales."""
    for seed, (mode, signed) in enumerate(
        (m, s) for m in ("ROUND", "FLOOR", "CEIL", "DOWN", "UP", "HALF_UP", "HALF_DOWN") for s in (0, 1)
    ):
        rng = np.random.default_rng(seed)
        net = Net((1, 4, 6, 5))
        w = net.weights(rng.standard_normal((6, 2, 3, 2)), 0.25)
        x = net.quant("x", 0.125, 6)
        y = net.op("Conv", x, w, kernel_shape=[3, 2], pads=[1, 0, 2, 1], strides=[2, 1], dilations=[1, 2], group=2)
        y = net.quant(net.op("Add", y, net.const(rng.integers(-8, 8, (6, 1, 1)) / 16)), 0.5, 5, signed, 0, mode)
        y = net.op("Flatten", net.op("GlobalAveragePool", net.op("Clip", y, net.const(-3), net.const(5))))
        output = net.op("Gemm", y, net.weights(rng.standard_normal((3, 6)), 0.5), transB=1)
        path = net.save(output, tmp_path / "m.onnx")
        batch = frames(3, 4, 6, 5)
        wide, narrow = float64.Network(path).run(batch), float32.Network(path).run(batch)
        for i, frame in enumerate(batch):
            context = execute_onnx(ModelWrapper(str(path)), {"x": frame[None]}, return_full_exec_context=True)
            for name, integers in wide[0].items():
                scale = 0.125 if name == x else 0.5
                np.testing.assert_array_equal(integers[i] * scale, context[name][0], f"{mode} {name}")
                np.testing.assert_array_equal(narrow[0][name][i], integers[i])
            np.testing.assert_allclose(wide[1][i], context[output][0], rtol=1e-6, atol=1e-6)
            np.testing.assert_allclose(narrow[1][i], context[output][0], rtol=1e-6, atol=1e-6)


def test_float64_run_names_every_moving_quantizer(tmp_path: Path) -> None:
    net, output = random_residual(1)
    path = net.save(output, tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    found = float64_run(path, frames(2, 6, 16))
    assert set(found) == {graph.input, *(s.output for s in report.segments)}
    assert all(v.dtype == np.int64 and len(v) == 2 for v in found.values())


def test_what_a_float_run_makes_outside_of_the_range_is_counted_once(tmp_path: Path) -> None:
    """exp(-120) is zero in float32, which rounded up is no 1; what reads that 0 never gets one in the graph."""
    net = Net((1, 2, 3))
    y = net.op("Exp", net.quant("x", 4.0, 6))
    y = net.quant(net.quant(y, 4.0, 3, 0, mode="UP"), 40.6, 2, mode="UP")
    graph, report = ingest(net.save_raw(y, tmp_path / "m.onnx"), "m")
    frames = np.random.default_rng(0).standard_normal((50, 2, 3)).astype(np.float32) * 60
    result = compare(graph, tmp_path / "m.onnx", frames, report)
    assert result.exact, result.first
    assert result.float32_differences == result.explained > 0


def test_float32_may_round_a_long_sum_off_a_listed_tie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """2400 products, first those below zero, then the others: float32 loses many of the sum's steps on the way."""
    net = Net((1, 2400))
    rng = np.random.default_rng(0)
    w = net.weights(np.sort(rng.standard_normal((32, 2400))), np.float32(0.3), bits=4)
    y = net.op("Gemm", net.quant("x", 0.1, 10), w, transB=1)
    y = net.bn(y, rng.uniform(0.5, 1, 32), np.zeros(32), np.zeros(32), rng.uniform(1, 9, 32))
    path = net.save(net.quant(y, 0.7, 12), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    x = (45 + 0.5 * rng.standard_normal((600, 2400))).astype(np.float32)
    result = compare(graph, path, x, report)
    assert result.exact, result.first
    assert result.float32_differences == result.explained > 0
    monkeypatch.setattr(verify, "_rounded", lambda *_: False)
    assert compare(graph, path, x, report).unexplained > 0
