"""Parts of a network on one engine, their weights resident or streamed: as whole designs in Verilog, under stalls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder
from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.table import Table
from codesign.mapping.fifos import size_fifos
from codesign.mapping.folding import fold_for_interval
from codesign.mapping.forms import choose_forms
from codesign.mapping.weights import place
from hw.design.design import Design
from hw.design.emit import ERROR_FLAG, TOP, emit
from hw.design.loads import LoadPackets
from hw.kernels.kernel import Resources
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from hw.lowering import fold, lower
from hw.sim import Simulator, Stalls, compile_simulator
from hw.tokens import design as tokens

PARTS = 3
FRAMES = 30


def towers(seed: int = 0) -> tuple[IntegerGraph, np.ndarray]:
    """A tower for each part: skips with a projection, each kind of activation, pools; one layer over all features."""
    b = Builder((12, 9), -8, 7, seed)
    start = b.requantize(b.conv("x", PARTS * 4, (4,), ((1, 2),), groups=PARTS))
    main = b.threshold(b.conv(start, PARTS * 6, (3,), ((1, 1),), stride=2, groups=PARTS))
    main = b.requantize(b.conv(main, PARTS * 6, (3,), ((1, 1),), groups=PARTS), -4, 3)
    side = b.requantize(b.conv(start, PARTS * 6, (1,), stride=2, groups=PARTS), -4, 3)
    joined = b.add(main, side, (2, 3))
    low, high = b.tensors[joined].low, b.tensors[joined].high
    values = b.random.integers(-8, 8, (len(low), int((high - low).max()) + 1))
    bent = b.append(Table(inputs=(joined,), output="table", values=values, first=low))
    largest = b.append(
        MaxPool(inputs=(bent,), output="max", kernel=(2,), stride=(1,), pads=((1, 0),), dilation=(1,))
    )  # fmt: skip
    features = b.requantize(b.global_sum(largest))
    return b.graph(b.matmul(features, 5), "towers"), b.frames(FRAMES)


def designed(graph: IntegerGraph, interval: int, most: int = 4) -> Design:
    """The complete design for a family with ultra RAM, with at most so many convolutions streamed."""
    placed = place(graph, Resources(), "always")
    assert len(placed.streamed) == 4
    lowered = lower(placed.graph, "xcup", frozenset(sorted(placed.streamed)[:most]))
    folded = choose_forms(fold(lowered, fold_for_interval(lowered, interval)), "xcup")
    return size_fifos(folded)[0]


def compiled(design: Design, folder: Path, load: LoadPackets | None = None) -> Simulator:
    sources = emit(design, folder)
    ends = [design.input], [design.output]
    load = design.load_packets() if load is None else load
    return compile_simulator(TOP, sources, *ends, data=folder, flags=[ERROR_FLAG], load=load)


def stream(design: Design, x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), design.input.words, design.input.stream.lanes)


@pytest.mark.parametrize("interval", [10**6, 150])
def test_streamed_parts_give_the_graphs_integers(interval: int, tmp_path: Path) -> None:
    graph, x = towers()
    design = designed(graph, interval)
    expected = graph.run(x)
    np.testing.assert_array_equal(design.run(stream(design, x)).reshape(expected.shape), expected)
    simulator = compiled(design, tmp_path)
    rate = design.interval
    assert rate >= design.load_words == design.load_packets().frame_words
    free = simulator.run([stream(design, x)])
    np.testing.assert_array_equal(free.outputs[0].reshape(expected.shape), expected)
    assert rate <= free.interval <= 1.05 * rate
    for stalls in (Stalls(0.3, 4, 1), Stalls(0.02, 200, 2)):
        result = simulator.run([stream(design, x)], stalls=stalls)
        np.testing.assert_array_equal(result.outputs[0].reshape(expected.shape), expected)
        assert result.flags == {ERROR_FLAG: 0}


@pytest.mark.parametrize(("layers", "words"), [(1, 170), (2, 340)])
def test_a_port_that_takes_longest_sets_the_rate(layers: int, words: int, tmp_path: Path) -> None:
    """17 x 17 weights of 4 bits a set: with 17 columns a cycle, a row is two words of the port."""
    b = Builder((1, 85), 0, 15)
    name = "x"
    for _ in range(layers):
        name = b.requantize(b.conv(name, 85, (1,), groups=5))
    placed = place(b.graph(name), Resources(), "always")
    lowered = lower(placed.graph, "xcup", placed.streamed)
    units = [name for name, kernel in lowered.kernels.items() if isinstance(kernel, MatrixVectorUnit)]
    design, _ = size_fifos(choose_forms(fold(lowered, {unit: {"pe": 1, "simd": 17} for unit in units}), "xcup"))
    assert design.interval == design.load_words == design.load_packets().frame_words == words
    x = b.frames(12)
    result = compiled(design, tmp_path).run([stream(design, x)])
    np.testing.assert_array_equal(result.outputs[0].reshape(len(x), -1), b.graph(name).run(x).reshape(len(x), -1))
    assert tokens.run(design).interval == words
    assert words <= result.interval <= 1.05 * words


def test_some_stream_and_one_is_loaded_at_the_start(tmp_path: Path) -> None:
    """All three places: sets in ROM, sets in ultra RAM that is loaded once, sets that come in every frame."""
    graph, x = towers(1)
    design = designed(graph, 400, most=2)
    units = {n: k for n, k in design.kernels.items() if isinstance(k, MatrixVectorUnit)}
    once, _ = [n for n, k in units.items() if k.sets == PARTS and not k.streamed]
    design = replace(design, kernels={**design.kernels, once: units[once].fold(memory="ultra")})
    start, frame = design.load_packets()
    assert len(start) and len(frame) == PARTS
    expected = graph.run(x)
    result = compiled(design, tmp_path).run([stream(design, x)], stalls=Stalls(0.3, 4, 3))
    np.testing.assert_array_equal(result.outputs[0].reshape(expected.shape), expected)
    assert result.flags == {ERROR_FLAG: 0}


def test_two_sets_swapped_are_noticed(tmp_path: Path) -> None:
    graph, x = towers(2)
    design = designed(graph, 400)
    load = design.load_packets()
    expected = graph.run(x)
    swapped = LoadPackets(load.start, (load.frame[1], load.frame[0], *load.frame[2:]))
    for packets, equal in ((load, True), (swapped, False)):
        found = compiled(design, tmp_path, packets).run([stream(design, x)]).outputs[0].reshape(expected.shape)
        assert np.array_equal(found, expected) == equal
