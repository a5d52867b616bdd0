"""Convolutions of every sort as whole designs: by the kernels' references, and as Verilog under stalls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.errors import Refused
from codesign.graph import Conv, IntegerGraph
from codesign.graph.examples import Builder
from codesign.mapping.fifos import size_fifos
from codesign.mapping.folding import fold_for_interval
from hw.design.design import Design
from hw.design.emit import ERROR_FLAG, TOP, emit
from hw.lowering import fold, lower
from hw.sim import Stalls, compile_simulator


def conv(
    b: Builder,
    x: str,
    outputs: int,
    kernel: tuple[int, ...],
    groups: int = 1,
    stride: tuple[int, ...] = (1, 1),
    pads: tuple[tuple[int, int], ...] = ((0, 0), (0, 0)),
    dilation: tuple[int, ...] = (1, 1),
    weights: tuple[int, ...] = tuple(range(-7, 8)),
) -> str:
    """A convolution whose attributes differ from axis to axis, with weights drawn from ``weights``."""
    rank = len(kernel)
    op = Conv(
        inputs=(x,),
        output=f"conv{len(b.operators)}",
        weights=b.random.choice(weights, (outputs, *kernel, b.tensors[x].channels // groups)),
        stride=stride[:rank],
        pads=pads[:rank],
        dilation=dilation[:rank],
        groups=groups,
    )
    return b.append(op)


def grouped_2d() -> tuple[IntegerGraph, np.ndarray]:
    """Groups of two channels in a frame that is not square, then groups of a 1-tap kernel."""
    b = Builder((7, 5, 6), -8, 7, 1)
    one = conv(b, "x", 9, (3, 2), 3, stride=(2, 1), pads=((1, 1), (0, 1)), dilation=(1, 2))
    two = conv(b, b.requantize(one), 6, (1, 1), 3)
    return b.graph(b.requantize(two), "grouped_2d"), b.frames(4)


def grouped_1d() -> tuple[IntegerGraph, np.ndarray]:
    """Groups, a stride and a dilation in one dimension."""
    b = Builder((20, 8), 0, 15, 2)
    one = b.requantize(conv(b, "x", 8, (3,), 2, stride=(2,), pads=((2, 1),), dilation=(2,)), 0, 7)
    return b.graph(conv(b, one, 4, (4,), 4), "grouped_1d"), b.frames(4)


def depthwise_2d() -> tuple[IntegerGraph, np.ndarray]:
    """One output a channel, then two, then a convolution of 1 tap and a matrix for every position."""
    b = Builder((6, 9, 6), 0, 15, 3)
    one = b.requantize(conv(b, "x", 6, (3, 3), 6, pads=((1, 1), (1, 1))), 0, 15)
    two = b.requantize(conv(b, one, 12, (2, 3), 6, stride=(1, 2), dilation=(2, 1)))
    three = b.requantize(b.conv(two, 4, (1, 1)))
    return b.graph(b.matmul(three, 3), "depthwise_2d"), b.frames(4)


def depthwise_1d() -> tuple[IntegerGraph, np.ndarray]:
    """Many channels in one dimension, of which some never differ from zero."""
    b = Builder((12, 10), -8, 7, 4)
    one = b.requantize(conv(b, "x", 20, (5,), 10, stride=(2,), pads=((2, 2),)), 0, 7)
    return b.graph(conv(b, one, 20, (2,), 20, dilation=(2,)), "depthwise_1d"), b.frames(4)


def wide_pads() -> tuple[IntegerGraph, np.ndarray]:
    """Padding as wide as the kernel and wider, also of a kernel of one tap."""
    b = Builder((4, 5, 3), 1, 7, 5)
    one = b.requantize(conv(b, "x", 4, (2, 2), pads=((2, 0), (1, 3))), 0, 7)
    two = b.requantize(conv(b, one, 4, (1, 1), pads=((1, 1), (0, 1))), 0, 7)
    return b.graph(conv(b, two, 4, (1, 1), 4, pads=((0, 1), (0, 0)), stride=(2, 1)), "wide_pads"), b.frames(4)


def binary() -> tuple[IntegerGraph, np.ndarray]:
    """Activations of one bit and weights of -1 and 1: dense, in groups, depthwise, and fully connected."""
    b = Builder((8, 6, 8), 0, 1, 6)
    signs = (-1, 1)
    one = b.requantize(conv(b, "x", 8, (3, 3), pads=((1, 1), (1, 1)), weights=signs), 0, 1)
    two = b.requantize(conv(b, one, 8, (3, 3), 2, stride=(2, 2), weights=signs), 0, 1)
    three = b.requantize(conv(b, two, 8, (2, 2), 8, weights=signs), 0, 1)
    return b.graph(conv(b, three, 5, (1, 1), weights=signs), "binary"), b.frames(4)


NETS = {
    "grouped_2d": grouped_2d,
    "grouped_1d": grouped_1d,
    "depthwise_2d": depthwise_2d,
    "depthwise_1d": depthwise_1d,
    "wide_pads": wide_pads,
    "binary": binary,
}


def words(design: Design, x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), design.input.words, design.input.stream.lanes)


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("interval", [10**6, 700])
def test_verilog_gives_the_graphs_integers_at_the_predicted_rate(name: str, interval: int, tmp_path: Path) -> None:
    graph, x = NETS[name]()
    x = np.tile(x, (3,) + (1,) * (x.ndim - 1))
    lowered = lower(graph, "ecp5")
    design, _ = size_fifos(fold(lowered, fold_for_interval(lowered, interval)))
    assert design.interval <= interval
    expected = graph.run(x)
    np.testing.assert_array_equal(design.run(words(design, x)).reshape(expected.shape), expected)

    sources = emit(design, tmp_path)
    simulator = compile_simulator(TOP, sources, [design.input], [design.output], data=tmp_path, flags=[ERROR_FLAG])
    free = simulator.run([words(design, x)])
    np.testing.assert_array_equal(free.outputs[0].reshape(expected.shape), expected)
    assert design.interval <= free.interval <= 1.01 * design.interval
    stalled = simulator.run([words(design, x)], stalls=Stalls(0.3, 4, 1))
    np.testing.assert_array_equal(stalled.outputs[0].reshape(expected.shape), expected)
    assert stalled.flags == {ERROR_FLAG: 0}


def test_a_convolution_in_three_dimensions_is_refused() -> None:
    b = Builder((4, 4, 4, 2), 0, 7, 0)
    graph = b.graph(b.conv("x", 2, (2, 2, 2)))
    with pytest.raises(Refused, match=r"Conv 'conv0'.*its windows \(2, 2, 2\) slide along 3 spatial axes"):
        lower(graph, "ecp5")


def test_axes_of_length_one_do_not_count() -> None:
    b = Builder((1, 6, 5, 2), 0, 7, 0)
    graph = b.graph(b.conv("x", 3, (1, 3, 2)))
    x = b.frames(3)
    design = lower(graph, "ecp5")
    np.testing.assert_array_equal(design.run(words(design, x)).reshape(graph.run(x).shape), graph.run(x))


def test_units_are_told_each_channels_range() -> None:
    """The unit's sums are as narrow as the graph's proven ones; padding is zero, also where no channel ever is."""
    b = Builder((9, 6), 3, 7, 0)
    one = conv(b, "x", 6, (2,), 6, weights=(1, 5, 20))
    two = conv(b, one, 4, (3,), 2, pads=((1, 1),), weights=(1, 3, 9))
    graph = b.graph(conv(b, two, 8, (2,), 4, pads=((0, 1),), weights=(-3, 2)))
    design = lower(graph, "ecp5")
    units = {name: tensor for name, tensor in design.tensors.items() if tensor.startswith("conv")}
    assert len(units) == 3
    for name, tensor in units.items():
        out = graph.tensors[tensor]
        assert design.kernels[name].range == (out.low.min(), out.high.max()), name  # type: ignore[attr-defined]
