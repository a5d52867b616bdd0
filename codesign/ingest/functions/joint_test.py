"""Sums of unequal scales: every pair against rational arithmetic, and whole blocks against both witnesses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.errors import Refused
from codesign.graph import Add, IntegerGraph
from codesign.graph.operators.table import Table
from codesign.ingest import ingest
from codesign.ingest.functions import joint
from codesign.ingest.testing import Net, exact, exact_quant
from codesign.ingest.verify import compare

Post = Callable[[Net, str], str]
FIRST, SECOND = np.float32(0.31), np.float32(0.1734)
GAMMA = np.array([1.5, -0.75, 0.5], np.float32)


def build(net: Net, bits: tuple[int, int], op: str = "Add", scales: Sequence[Any] = (FIRST, SECOND)) -> str:
    x = net.quant("x", 0.04, 9)
    left = net.quant(net.op("Mul", x, net.const(1.7)), scales[0], bits[0])
    right = net.quant(net.op("Mul", x, net.const(-0.9)), scales[1], bits[1])
    return net.op(op, left, right)


def every_pair(graph: IntegerGraph, bits: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All pairs of the two operands, and the output for each channel [C, K]."""
    add = next(i for i, op in enumerate(graph.operators) if isinstance(op, Add))
    tensors = [graph.tensors[name] for name in graph.operators[add].inputs]
    assert [t.bits for t in tensors] == list(bits)
    a, b = np.meshgrid(*(np.arange(t.low.min(), t.high.max() + 1) for t in tensors))
    channels = graph.tensors[graph.output].channels
    values = {
        n: np.repeat(v.reshape(-1, 1), channels, 1) for n, v in zip(graph.operators[add].inputs, (a, b), strict=True)
    }
    for op in graph.operators[add:]:
        values[op.output] = op.run(*(values[i] for i in op.inputs))
    return a.reshape(-1), b.reshape(-1), values[graph.output].T


CASES: dict[str, tuple[Post, Callable[[Fraction, int], Fraction]]] = {
    "as it is": (lambda n, y: y, lambda v, c: v),
    "relu": (lambda n, y: n.op("Relu", y), lambda v, c: max(v, Fraction(0))),
    "falling": (lambda n, y: n.op("Neg", n.op("Add", y, n.const(0.3))), lambda v, c: -(v + exact(0.3))),
    "a factor a channel": (lambda n, y: n.op("Mul", y, n.const(GAMMA)), lambda v, c: v * exact(GAMMA[c])),
    "folded": (lambda n, y: n.op("Abs", y), lambda v, c: abs(v)),
    "hard swish": (
        lambda n, y: n.op("HardSwish", y),
        lambda v, c: v * min(max(v / 6 + Fraction(1, 2), Fraction(0)), Fraction(1)),
    ),
}


@pytest.mark.parametrize(("op", "mode"), [("Add", "ROUND"), ("Sub", "FLOOR")])
@pytest.mark.parametrize("bits", [(4, 6), (7, 5)])
@pytest.mark.parametrize("case", CASES)
def test_every_pair(tmp_path: Path, case: str, bits: tuple[int, int], op: str, mode: str) -> None:
    post, oracle = CASES[case]
    net = Net((1, 3), 14)
    path = net.save_raw(net.quant(post(net, build(net, bits, op)), 0.27, 5, mode=mode), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    a, b, found = every_pair(graph, bits)
    sign = 1 if op == "Add" else -1
    for c in range(3):
        want = [
            exact_quant(oracle(int(p) * exact(FIRST) + sign * int(q) * exact(SECOND), c), 0.27, 5, 1, mode=mode)
            for p, q in zip(a, b, strict=True)
        ]
        np.testing.assert_array_equal(found[c], want)
    frames = np.random.default_rng(0).standard_normal((400, 3)).astype(np.float32) * 3
    result = compare(graph, path, frames, report)
    assert (result.float64_differences, result.unexplained) == (0, 0), result.first


def test_one_weight_may_have_the_other_sign_and_be_the_larger(tmp_path: Path) -> None:
    """Negative scales, and a ratio far from one."""
    scales = np.float32(0.0131), np.float32(-1.7)
    net = Net((1, 3))
    x = net.quant("x", 0.04, 9)
    y = net.op("Add", net.quant(x, scales[0], 8), net.quant(x, scales[1], 3))
    graph, _ = ingest(net.save_raw(net.quant(y, 0.21, 6), tmp_path / "m.onnx"), "m")
    a, b, found = every_pair(graph, (8, 3))
    want = [
        exact_quant(int(p) * exact(scales[0]) + int(q) * exact(scales[1]), 0.21, 6, 1)
        for p, q in zip(a, b, strict=True)
    ]
    np.testing.assert_array_equal(found[0], want)


def test_ties_decided_in_rationals(tmp_path: Path) -> None:
    """Float32's 0.7 and 0.3 are no decimals: a multiple of one is almost a multiple of the other."""
    scales = np.float32(0.7), np.float32(0.3)
    net = Net((1, 3))
    x = net.quant("x", 0.04, 9)
    y = net.op("Add", net.quant(x, scales[0], 5), net.quant(x, scales[1], 5))
    graph, _ = ingest(net.save_raw(net.quant(y, scales[1], 6), tmp_path / "m.onnx"), "m")
    a, b, found = every_pair(graph, (5, 5))
    want = [
        exact_quant(int(p) * exact(scales[0]) + int(q) * exact(scales[1]), scales[1], 6, 1)
        for p, q in zip(a, b, strict=True)
    ]
    np.testing.assert_array_equal(found[0], want)


def test_eight_bits_and_an_accumulator(tmp_path: Path) -> None:
    """A residual block without a quantizer on its branch: 2**24 pairs, of which none is enumerated."""
    rng = np.random.default_rng(3)
    net = Net((1, 4, 12))
    x = net.quant("x", 0.05, 8)
    w = net.weights(rng.standard_normal((4, 4, 3)), scale=np.float32(0.0719), bits=6)
    y = net.op("Add", net.op("Conv", x, w, kernel_shape=[3], pads=[1, 1]), net.quant(x, 0.0371, 8))
    path = net.save_raw(net.quant(net.op("Relu", y), 0.11, 6, 0), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    assert graph.tensors[graph.operators[-1].inputs[0]].bits <= 32
    frames = np.random.default_rng(0).standard_normal((200, 4, 12)).astype(np.float32) * 2
    result = compare(graph, path, frames, report)
    assert result.outputs > 9000
    assert (result.float64_differences, result.unexplained) == (0, 0), result.first


def test_where_no_weights_do_every_pair_has_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few weights are tried, so that none fits: the sum then tells the pair, and a table the output."""
    monkeypatch.setattr(joint, "FRACTION_BITS", 2)
    for bits in ((3, 7), (7, 3)):
        net = Net((1, 3))
        path = net.save_raw(net.quant(build(net, bits), 0.11, 6), tmp_path / "m.onnx")
        graph, report = ingest(path, "m")
        assert [type(op) for op in graph.operators[-2:]] == [Add, Table]
        a, b, found = every_pair(graph, bits)
        want = [
            exact_quant(int(p) * exact(FIRST) + int(q) * exact(SECOND), 0.11, 6, 1) for p, q in zip(a, b, strict=True)
        ]
        np.testing.assert_array_equal(found[1], want)
        frames = np.random.default_rng(0).standard_normal((400, 3)).astype(np.float32) * 3
        assert compare(graph, path, frames, report).exact
    net = Net((1, 3))
    path = net.save_raw(net.quant(build(net, (8, 8)), 0.11, 8), tmp_path / "m.onnx")
    with pytest.raises(Refused, match=r"weights of 2 bits do not tell its output.*same quantizer"):
        ingest(path, "m")


def test_a_difference_has_weights_of_both_signs_and_a_requantizer(tmp_path: Path) -> None:
    net = Net((1, 3))
    y = build(net, (8, 8), "Sub", (np.float32(0.0311), np.float32(0.0173)))
    graph, report = ingest(net.save_raw(net.quant(y, 0.29, 5), tmp_path / "m.onnx"), "m")
    first, second = next(op.coefficients for op in graph.operators if isinstance(op, Add))
    assert first > 0 > second
    assert first / -second == pytest.approx(0.0311 / 0.0173, rel=0.01)
    assert report.segments[-1].form == "requantize"


def test_small_ratios_stay_plain_sums(tmp_path: Path) -> None:
    net = Net((1, 3))
    path = net.save_raw(net.quant(build(net, (4, 4), scales=(0.75, 0.5)), 0.3, 5), tmp_path / "m.onnx")
    graph, _ = ingest(path, "m")
    assert [op.coefficients for op in graph.operators if isinstance(op, Add)] == [(3, 2)]


def test_a_ratio_for_each_channel_is_refused(tmp_path: Path) -> None:
    net = Net((1, 3))
    x = net.quant("x", 0.04, 9)
    each = np.array([[0.31, 0.2, 0.17]], np.float32)
    y = net.op("Add", net.quant(x, each, 4), net.quant(x, SECOND, 4))
    with pytest.raises(Refused, match=r"ratio differs among the channels.*give both branches of the sum the same"):
        ingest(net.save_raw(net.quant(y, 0.3, 4), tmp_path / "m.onnx"), "m")
