"""Designs with products, tables and the largest channels compute what their graphs do, as Verilog under stalls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.graph import IntegerGraph, Requantize
from codesign.graph.examples import Builder
from codesign.graph.operators.mul import Mul
from codesign.graph.operators.table import Table
from codesign.graph.operators.top_k import TopK
from codesign.mapping.fifos import size_fifos
from codesign.mapping.folding import fold_for_interval
from codesign.mapping.forms import choose_forms
from hw.design.design import Design, End
from hw.design.emit import ERROR_FLAG, TOP, emit
from hw.design.stream import Stream
from hw.kernels.frame_guard.kernel import FrameGuard
from hw.kernels.lookup.kernel import Lookup
from hw.kernels.stream_multiply.kernel import StreamMultiply
from hw.kernels.width_converter.kernel import WidthConverter
from hw.lowering import fold, lower
from hw.sim import Stalls, compile_simulator


def table(b: Builder, x: str, shared: bool) -> str:
    """A random function of the input's whole range and a little more, for all channels or for each."""
    t = b.tensors[x]
    low, high = (t.low.min(), t.high.max()) if shared else (t.low, t.high)
    first = np.broadcast_to(low, t.channels) - 2
    values = b.random.integers(-3, 12, (1 if shared else t.channels, int((high - low).max()) + 4))
    return b.append(Table(inputs=(x,), output=f"table{len(b.operators)}", values=values, first=first))


def gated() -> tuple[IntegerGraph, np.ndarray]:
    """x * gate(x) in two branches of unequal depth, as in SiLU; a square; the two largest of every position."""
    b = Builder((12, 4), -8, 7, 3)
    value = b.requantize(b.conv("x", 6, (1,)), -8, 7)
    gate = table(b, b.requantize(b.conv("x", 6, (3,), ((1, 1),)), 0, 15), shared=False)
    product = b.append(Mul(inputs=(value, gate), output="product"))
    narrow = b.requantize(product, -7, 7)
    square = b.append(Mul(inputs=(narrow, narrow), output="square"))
    return b.graph(b.append(TopK(inputs=(square,), output="y", k=2, indices=True)), "gated"), b.frames(6)


def classifier() -> tuple[IntegerGraph, np.ndarray]:
    """A table behind a requantizer, scores, and the class: ArgMax in hardware."""
    b = Builder((5, 5, 3), 0, 15, 5)
    hidden = table(b, b.requantize(b.conv("x", 8, (3, 3), stride=2), -16, 15), shared=True)
    scores = b.matmul(b.global_sum(hidden), 10)
    return b.graph(b.append(TopK(inputs=(scores,), output="y", k=1, indices=True)), "classifier"), b.frames(8)


def ranked() -> tuple[IntegerGraph, np.ndarray]:
    """The largest values go on into a layer."""
    b = Builder((7, 9), -20, 20, 6)
    largest = b.append(TopK(inputs=("x",), output="largest", k=4, indices=False))
    return b.graph(b.requantize(b.matmul(largest, 6)), "ranked"), b.frames(6)


NETS = {"gated": gated, "classifier": classifier, "ranked": ranked}


def words(design: Design, x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), design.input.words, design.input.stream.lanes)


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("interval", [4000, 150])
def test_verilog_gives_the_graphs_integers_at_the_predicted_rate(name: str, interval: int, tmp_path: Path) -> None:
    graph, x = NETS[name]()
    x = np.tile(x, (5,) + (1,) * (x.ndim - 1))
    lowered = lower(graph, "ecp5")
    design, _ = size_fifos(choose_forms(fold(lowered, fold_for_interval(lowered, interval)), "ecp5"))
    assert design.interval <= interval
    sources = emit(design, tmp_path)
    simulator = compile_simulator(TOP, sources, [design.input], [design.output], data=tmp_path, flags=[ERROR_FLAG])
    expected = graph.run(x)
    np.testing.assert_array_equal(design.run(words(design, x)).reshape(expected.shape), expected)
    free = simulator.run([words(design, x)])
    np.testing.assert_array_equal(free.outputs[0].reshape(expected.shape), expected)
    assert design.interval <= free.interval <= 1.01 * design.interval
    for seed, (probability, burst) in enumerate([(0.3, 4), (0.01, 400)]):
        stalled = simulator.run([words(design, x)], stalls=Stalls(probability, burst, seed))
        np.testing.assert_array_equal(stalled.outputs[0].reshape(expected.shape), expected)
        assert stalled.flags == {ERROR_FLAG: 0}


def test_kernels_are_told_the_proven_ranges() -> None:
    graph, _ = gated()
    design = lower(graph, "xc7")
    lookup = next(k for k in design.kernels.values() if isinstance(k, Lookup))
    assert lookup.family == "xc7"
    assert lookup.values.shape[1] == 16 < graph.operators[4].values.shape[1]  # type: ignore[attr-defined]
    products = [k for k in design.kernels.values() if isinstance(k, StreamMultiply)]
    assert [(k.bits, k.signed) for k in products] == [
        (graph.tensors[name].bits, graph.tensors[name].signed) for name in ("product", "square")
    ]
    assert not products[1].signed  # a square is not negative


def test_a_requantizer_is_no_wider_than_what_it_reaches() -> None:
    b = Builder((4, 3), 0, 3, 2)
    offset, multiplier = np.array([0, 8, 16]), np.array([4, -8, 4])
    op = Requantize(inputs=("x",), output="y", multiplier=multiplier, offset=offset, shift=2, low=-128, high=127)
    design = lower(b.graph(b.append(op)), "ecp5")
    assert (design.output.stream.bits, design.output.stream.signed) == (4, True)  # from -4 to 7


def test_a_reader_that_keeps_a_word_for_two_cycles_gets_the_next_in_time(tmp_path: Path) -> None:
    """A depthwise unit with two outputs a channel, behind a converter that gathers a word in two cycles."""
    b = Builder((9, 4), 0, 3, 1)
    graph = b.graph(b.conv("x", 8, (1,), groups=4))
    lowered = lower(graph, "ecp5")
    design = fold(lowered, {"depthwise_unit_0": {"pe": 2}})
    design.kernels["frame_guard_0"] = FrameGuard(Stream(1, 2), 36)
    design.kernels["up"] = WidthConverter(Stream(1, 2), 36, 2)
    design.edges |= {End("depthwise_unit_0"): End("up"), End("up"): End("frame_guard_0")}
    design.check()
    sources = emit(design, tmp_path)
    simulator = compile_simulator(TOP, sources, [design.input], [design.output], data=tmp_path)
    x = b.frames(20)
    found = simulator.run([words(design, x)])
    np.testing.assert_array_equal(found.outputs[0].reshape(20, 9, 8), graph.run(x))
    assert found.interval == design.interval == 36
