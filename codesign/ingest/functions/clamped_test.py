"""Float operators between integer operators: exact integers, or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.errors import Refused
from codesign.graph import Conv, Requantize
from codesign.graph.operators.table import Table
from codesign.ingest import ingest
from codesign.ingest.testing import Net, assert_follows_qonnx
from codesign.ingest.verify import compare

RNG = np.random.default_rng(0)
Make = Callable[[Net, str], str]


def conv(net: Net, x: str, scale: float = 0.25) -> str:
    return net.op("Conv", x, net.weights(RNG.standard_normal((4, 4, 3)), scale), kernel_shape=[3], pads=[1, 1])


CLAMPS: dict[str, Make] = {
    "Relu": lambda n, x: n.op("Relu", x),
    "Clip on the grid": lambda n, x: n.op("Clip", x, n.const(-0.5), n.const(1.25)),
    "Neg, Relu": lambda n, x: n.op("Relu", n.op("Neg", x)),
    "a step of offset": lambda n, x: n.op("Relu", n.op("Add", x, n.const(0.75))),
    "Min, then a factor": lambda n, x: n.op("Mul", n.op("Min", x, n.const(1)), n.const(-0.5)),
    "Relu of another sign": lambda n, x: n.op("Relu", n.op("Mul", x, n.const([[0.5], [-1], [2], [-0.25]]))),
}


@pytest.mark.parametrize("case", CLAMPS)
def test_a_clamp_is_one_requantizer(tmp_path: Path, case: str) -> None:
    """In front of a sum of positions; QONNX executes it without rounding at powers of two."""
    net = Net((1, 4, 8))
    y = CLAMPS[case](net, net.quant("x", 0.25, 6))
    graph = assert_follows_qonnx(net, net.op("Flatten", net.op("GlobalAveragePool", y)), tmp_path / "m.onnx")
    first = graph.operators[0]
    assert isinstance(first, Requantize) and set(np.abs(first.multiplier)) == {1} and first.shift == 0


@pytest.mark.parametrize("case", ["Abs", "LeakyRelu", "Round", "HardSwish"])
def test_other_functions_of_few_bits_are_a_table(tmp_path: Path, case: str) -> None:
    attributes: dict[str, Any] = {"alpha": 0.125} if case == "LeakyRelu" else {}
    net = Net((1, 4, 9), 14)
    y = net.op(case, net.quant("x", 0.375 if case == "HardSwish" else 0.25, 5), **attributes)
    graph = assert_follows_qonnx(net, conv(net, y), tmp_path / "m.onnx")
    assert [type(op) for op in graph.operators[:2]] == [Table, Conv]


def test_any_scale_and_a_wide_accumulator(tmp_path: Path) -> None:
    net = Net((1, 4, 12))
    y = net.op("Relu", conv(net, net.quant("x", 0.0317, 8), 0.093))
    path = net.save_raw(net.quant(net.op("Relu", conv(net, y, 0.11)), 0.3, 6, 0), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    frames = np.random.default_rng(1).standard_normal((100, 4, 12)).astype(np.float32)
    result = compare(graph, path, frames, report)
    assert (result.float64_differences, result.unexplained) == (0, 0), result.first


def test_two_readers_share_the_clamp(tmp_path: Path) -> None:
    net = Net((1, 4, 9))
    y = net.op("Relu", net.quant("x", 0.25, 6))
    graph = assert_follows_qonnx(net, net.op("Add", conv(net, y), conv(net, y)), tmp_path / "m.onnx")
    assert sum(isinstance(op, Requantize) for op in graph.operators) == 1


def test_a_relu_at_the_end(tmp_path: Path) -> None:
    net = Net((1, 4, 9))
    assert_follows_qonnx(net, net.op("Relu", net.quant("x", 0.25, 6)), tmp_path / "m.onnx")


@pytest.mark.parametrize(
    "make",
    [
        lambda n, x: n.op("Relu", n.op("Add", x, n.const(0.1))),
        lambda n, x: n.op("Clip", x, n.const(0.1)),
        lambda n, x: n.op("Sigmoid", x),
        lambda n, x: n.op("Clip", n.op("Mul", x, n.const([[0.5], [1], [2], [1]])), n.const(0.0), n.const(4.0)),
    ],
)
def test_what_leads_off_the_grid_is_refused(tmp_path: Path, make: Make) -> None:
    """16 bits are too many for a table."""
    net = Net((1, 4, 9))
    y = conv(net, make(net, net.quant("x", 0.25, 16)))
    with pytest.raises(Refused, match=r"reads floats: no quantizer between .*put a quantizer before it"):
        ingest(net.save_raw(y, tmp_path / "m.onnx"), "m")


@pytest.mark.parametrize(("low", "high"), [(3.0, 5.0), (-5.0, -3.0), (1.75, 1.75), (-2.0, 1.75)])
@pytest.mark.parametrize("whole", [True, False])
def test_bounds_beside_all_values(tmp_path: Path, low: float, high: float, whole: bool) -> None:
    """Values from -2 to 1.75: all are the bound then, also where that is no whole step."""
    beside = 0.0 if whole else 0.0625
    net = Net((1, 4, 9))
    y = net.op("Clip", net.quant("x", 0.25, 4), net.const(low - beside), net.const(high + beside))
    assert_follows_qonnx(net, conv(net, y), tmp_path / "m.onnx")


def test_a_rule_that_emits_before_it_gives_up_starts_afresh(tmp_path: Path) -> None:
    """The largest of positions is taken, and the largest of channels then finds floats: a table goes in front."""
    net = Net((1, 1, 3, 5))
    y = net.op("MatMul", net.quant(net.const(RNG.standard_normal((2, 3))), 0.5, 3), net.quant("x", 0.25, 4))
    y = net.op("GlobalMaxPool", net.op("Sign", y))
    path = net.save_raw(net.quant(y, 0.27, 6), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    assert len({op.output for op in graph.operators}) == len(graph.operators)
    result = compare(graph, path, RNG.standard_normal((40, 1, 3, 5)).astype(np.float32), report)
    assert result.exact, result.first
