"""Running sums, lowered: along any axis by the kernels' references, and as Verilog under stalls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder
from codesign.graph.operators.cum_sum import CumSum
from codesign.mapping.fifos import size_fifos
from codesign.mapping.folding import fold_for_interval
from hw.design.design import Design
from hw.design.emit import ERROR_FLAG, TOP, emit
from hw.kernels.running_sum.kernel import RunningSum
from hw.lowering import fold, lower
from hw.sim import Stalls, compile_simulator


def cum_sum(b: Builder, x: str, axis: int, exclusive: bool = False) -> str:
    size = b.tensors[x].shape[axis]
    op = CumSum(inputs=(x,), output=f"cum_sum{len(b.operators)}", axis=axis, size=size, exclusive=exclusive)
    return b.append(op)


def integral() -> tuple[IntegerGraph, np.ndarray]:
    """An integral image, columns first, whose sums so far join it again."""
    b = Builder((6, 7, 4), -8, 7, 1)
    x = b.requantize(b.conv("x", 6, (3, 3), ((1, 1), (1, 1))), -8, 7)
    both = b.requantize(cum_sum(b, cum_sum(b, x, 0), 1, True), -8, 7)
    return b.graph(b.conv(b.requantize(b.add(both, x), 0, 15), 3, (2, 2)), "integral"), b.frames(4)


def series() -> tuple[IntegerGraph, np.ndarray]:
    """One axis, unsigned and then signed."""
    b = Builder((40, 6), 0, 15, 2)
    x = b.requantize(cum_sum(b, "x", 0), -8, 7)
    return b.graph(cum_sum(b, b.requantize(b.conv(x, 4, (3,))), 0, True), "series"), b.frames(4)


NETS = {"integral": integral, "series": series}


def words(design: Design, x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), design.input.words, design.input.stream.lanes)


@pytest.mark.parametrize(
    ("name", "interval", "lanes"),
    [("integral", 10**6, [1, 1]), ("integral", 400, [6, 6]), ("series", 10**6, [1, 1]), ("series", 200, [2, 4])],
)
def test_verilog_gives_the_graphs_integers_at_the_predicted_rate(
    name: str, interval: int, lanes: list[int], tmp_path: Path
) -> None:
    graph, x = NETS[name]()
    x = np.concatenate([x, x[::-1], x])
    lowered = lower(graph, "ecp5")
    design, _ = size_fifos(fold(lowered, fold_for_interval(lowered, interval)))
    assert [k.pe for k in design.kernels.values() if isinstance(k, RunningSum)] == lanes
    expected = graph.run(x)
    sources = emit(design, tmp_path)
    simulator = compile_simulator(TOP, sources, [design.input], [design.output], data=tmp_path, flags=[ERROR_FLAG])
    free = simulator.run([words(design, x)])
    np.testing.assert_array_equal(free.outputs[0].reshape(expected.shape), expected)
    assert design.interval <= free.interval <= 1.01 * design.interval
    for seed, (probability, burst) in enumerate([(0.3, 4), (0.01, 400)]):
        stalled = simulator.run([words(design, x)], stalls=Stalls(probability, burst, seed))
        np.testing.assert_array_equal(stalled.outputs[0].reshape(expected.shape), expected)
        assert stalled.flags == {ERROR_FLAG: 0}


@pytest.mark.parametrize("shape", [(5, 3), (1, 2), (3, 4, 2), (2, 3, 4, 2), (2, 2, 3, 2, 3)])
@pytest.mark.parametrize("exclusive", [False, True])
def test_any_axis_by_references(shape: tuple[int, ...], exclusive: bool) -> None:
    for axis in range(len(shape) - 1):
        for low, high in ((-8, 7), (2, 5), (-6, -3)):
            b = Builder(shape, low, high, axis)
            graph, x = b.graph(cum_sum(b, "x", axis, exclusive)), b.frames(4)
            x[0], x[1] = low, high  # the longest sums
            design = lower(graph, "ecp5")
            expected = graph.run(x)
            np.testing.assert_array_equal(design.run(words(design, x)).reshape(expected.shape), expected)
            made = design.kernels["running_sum_0"].outputs[0].stream
            assert made.low <= expected.min()
            assert expected.max() <= made.high
