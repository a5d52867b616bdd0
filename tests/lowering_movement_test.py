"""Whole designs that move data: equal to the graph, with and without stalls, at the predicted interval."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder
from codesign.graph.operators.channel_shuffle import ChannelShuffle
from codesign.graph.operators.concat import Concat
from codesign.graph.operators.conv_transpose import ConvTranspose
from codesign.graph.operators.expand import Expand
from codesign.graph.operators.slice import Slice
from codesign.graph.operators.transpose import Transpose
from codesign.graph.operators.upsample import Upsample
from codesign.mapping.fifos import size_fifos
from codesign.mapping.folding import fold_for_interval
from hw.design.design import Design
from hw.design.emit import ERROR_FLAG, TOP, emit
from hw.kernels.kernel import Kernel
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from hw.kernels.reorder.kernel import Reorder
from hw.kernels.repeat.kernel import Repeat
from hw.lowering import fold, lower
from hw.sim import Stalls, compile_simulator

Net = tuple[IntegerGraph, np.ndarray]


class Movement(Builder):
    """A graph's builder with the operators that move data."""

    def name(self, kind: str) -> str:
        return f"{kind}{len(self.operators)}"

    def upsample(self, x: str, *factors: int) -> str:
        return self.append(Upsample(inputs=(x,), output=self.name("up"), factors=factors))

    def expand(self, x: str, *to: int) -> str:
        return self.append(Expand(inputs=(x,), output=self.name("expand"), to=to))

    def concat(self, *x: str, axis: int = -1) -> str:
        return self.append(Concat(inputs=x, output=self.name("concat"), axis=axis))

    def cut(self, x: str, *bounds: tuple[int, int]) -> str:
        starts, stops = zip(*bounds, strict=True)
        steps = (1,) * len(bounds)
        return self.append(Slice(inputs=(x,), output=self.name("cut"), starts=starts, stops=stops, steps=steps))

    def shuffle(self, x: str, order: list[int]) -> str:
        return self.append(ChannelShuffle(inputs=(x,), output=self.name("shuffle"), order=np.array(order)))

    def transpose(self, x: str, *axes: int) -> str:
        return self.append(Transpose(inputs=(x,), output=self.name("turned"), axes=axes))

    def conv_transpose(  # type: ignore[no-untyped-def]
        self, x: str, outputs: int, kernel, stride, pads=None, output_padding=None, dilation=None, groups: int = 1
    ) -> str:
        rank = len(kernel)
        op = ConvTranspose(
            inputs=(x,),
            output=self.name("transposed"),
            weights=self.random.integers(-7, 8, (outputs, *kernel, self.tensors[x].channels // groups)),
            stride=stride,
            pads=pads or ((0, 0),) * rank,
            output_padding=output_padding or (0,) * rank,
            dilation=dilation or (1,) * rank,
            groups=groups,
        )
        return self.append(op)


def shuffled() -> Net:
    """A split, a branch, a concatenation, a shuffle, an upsampling: ShuffleNet's unit."""
    b = Movement((5, 6, 8), 0, 15, 1)
    left, right = b.cut("x", (0, 5), (0, 6), (0, 4)), b.cut("x", (0, 5), (0, 6), (4, 8))
    branch = b.requantize(b.conv(right, 4, (3, 3), ((1, 1), (1, 1))), -8, 7)
    mixed = b.shuffle(b.concat(left, branch), [0, 4, 1, 5, 2, 6, 3, 7])
    return b.graph(b.upsample(b.requantize(mixed, 0, 3), 2, 2), "shuffled"), b.frames(5)


def turned() -> Net:
    """Transposes over positions, of channels, and of axes of length 1; channels in an order without a pattern."""
    b = Movement((4, 6, 3), -8, 7, 2)
    one = b.requantize(b.conv(b.transpose("x", 1, 0, 2), 5, (2, 2)))
    two = b.requantize(b.conv(b.transpose(one, 2, 0, 1), 4, (1, 1)))
    still = b.transpose(b.reshape(two, (5, 5, 1, 4)), 0, 2, 1, 3)
    return b.graph(b.shuffle(b.reshape(still, (5, 5, 4)), [2, 3, 0, 1]), "turned"), b.frames(5)


def encoder_decoder() -> Net:
    """Down, up again, joined with what was there before: U-Net."""
    b = Movement((8, 6, 3), 0, 15, 3)
    skip = b.requantize(b.conv("x", 4, (3, 3), ((1, 1), (1, 1))), 0, 7)
    down = b.requantize(b.conv(skip, 6, (2, 2), stride=2), -8, 7)
    up = b.requantize(b.conv_transpose(down, 4, (2, 2), (2, 2)), 0, 15)
    joined = b.concat(skip, up, b.upsample(down, 2, 2))
    return b.graph(b.requantize(b.conv(joined, 2, (3, 3), ((1, 1), (1, 1)))), "encoder_decoder"), b.frames(5)


def expanded() -> Net:
    """A frame's sums go to all of its positions, and one channel's to all channels: squeeze and excitation."""
    b = Movement((4, 5, 6), 0, 7, 4)
    x = b.requantize(b.conv("x", 6, (1, 1)), 0, 7)
    scores = b.requantize(b.matmul(b.reshape(b.global_sum(x), (1, 1, 6)), 6), -8, 7)
    added = b.add(x, b.expand(scores, 4, 5, 6))
    mask = b.expand(b.requantize(b.conv(x, 1, (1, 1)), 0, 1), 4, 5, 6)
    return b.graph(b.requantize(b.add(added, mask)), "expanded"), b.frames(5)


def rows_apart() -> Net:
    """One tensor's lower rows take a long way, its upper ones none, and they meet one behind the other, swapped."""
    b = Movement((8, 6, 4), -8, 7, 5)
    x = b.requantize(b.conv("x", 4, (1, 1)))
    upper, lower_rows = b.cut(x, (0, 3), (0, 6), (0, 4)), b.cut(x, (3, 8), (0, 6), (0, 4))
    long = b.requantize(b.conv(lower_rows, 4, (3, 3), ((1, 1), (1, 1))), 0, 15)
    long = b.requantize(b.conv(long, 4, (3, 3), ((1, 1), (1, 1))))
    return b.graph(b.requantize(b.concat(upper, long, upper, axis=-3)), "rows_apart"), b.frames(5)


def half_kept() -> Net:
    """The rows kept come at twice the rate at which the convolution behind them takes them, then none do."""
    b = Movement((16, 4), -8, 7, 8)
    x = b.cut(b.requantize(b.conv("x", 4, (1,))), (0, 8), (0, 4))
    return b.graph(b.requantize(b.conv(x, 8, (1,))), "half_kept"), b.frames(5)


def strided() -> Net:
    """The same of every second row, for a stride of a kernel of one tap."""
    b = Movement((8, 8, 4), -8, 7, 2)
    x = b.requantize(b.conv("x", 4, (1, 1)))
    return b.graph(b.requantize(b.conv(x, 16, (1, 1), stride=2), -4, 3), "strided"), b.frames(6)


def rising_1d() -> Net:
    """Transposed convolutions of one dimension, k = 2, 3 and 4 with a stride of 2, one of 3 taps apart by 2."""
    b = Movement((5, 4), -8, 7, 6)
    x = b.requantize(b.conv_transpose("x", 4, (2,), (2,)))
    x = b.requantize(b.conv_transpose(x, 3, (3,), (2,), ((1, 1),), (1,)))
    x = b.requantize(b.conv_transpose(x, 4, (4,), (2,), ((1, 1),)))
    return b.graph(b.conv_transpose(x, 4, (3,), (3,), ((2, 0),), (1,), (2,), groups=2), "rising_1d"), b.frames(5)


def rising_2d() -> Net:
    """Transposed convolutions of two dimensions: k = 3 with output padding, 4 with a crop; other strides a side."""
    b = Movement((2, 3, 3), -8, 7, 7)
    x = b.requantize(b.conv_transpose("x", 4, (3, 3), (2, 2), ((1, 1), (1, 1)), (1, 1)))
    x = b.requantize(b.conv_transpose(x, 4, (4, 4), (2, 2), ((1, 1), (1, 1)), groups=2))
    return b.graph(b.conv_transpose(x, 2, (2, 3), (1, 2), ((0, 1), (1, 0)), (0, 1)), "rising_2d"), b.frames(5)


NETS: list[Callable[[], Net]] = [
    shuffled,
    turned,
    encoder_decoder,
    expanded,
    rows_apart,
    half_kept,
    strided,
    rising_1d,
    rising_2d,
]


def kernels(net: Callable[[Movement], str], shape: tuple[int, ...]) -> list[Kernel]:
    """What ``net`` is lowered to, in order, without the guard in front."""
    b = Movement(shape, 0, 15)
    design = lower(b.graph(net(b)), "ecp5")
    return [design.kernels[name] for name in design.order()][1:]


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        (lambda b: b.transpose("x", 0, 2, 1), Reorder(30, (6, 5), (1, 6), 4, 4, False)),
        (lambda b: b.transpose("x", 1, 0, 2), Reorder(120, (5, 4, 6), (6, 30, 1), 1, 4, False)),
        (lambda b: b.shuffle("x", [0, 2, 4, 1, 3, 5]), Reorder(6, (2, 3), (1, 2), 20, 4, False)),
        (lambda b: b.upsample("x", 2, 3), Repeat((1, 5, 6), (2, 3, 1), 4, 4, False)),
        (lambda b: b.upsample("x", 1, 3), Repeat((1, 6), (3, 1), 20, 4, False)),
        (lambda b: b.cut("x", (0, 4), (0, 5), (0, 6)), None),
        (lambda b: b.transpose(b.cut("x", (0, 4), (0, 5), (0, 1)), 2, 0, 1), "cut only"),
    ],
)
def test_a_movement_takes_the_smallest_kernel(net: Callable[[Movement], str], expected: Kernel | str | None) -> None:
    """Blocks are rows or positions where nothing leaves them, and what moves nothing is no kernel."""
    found = kernels(net, (4, 5, 6))
    if expected == "cut only":
        assert [k.module for k in found] == ["stream_slice"]
    else:
        assert found == ([] if expected is None else [expected])


def test_a_transposed_convolution_computes_no_stuffed_zero() -> None:
    """Two taps of four an axis are left; in one dimension depth is space already, and k = stride needs no crop."""
    modules = [k.module for k in kernels(lambda b: b.conv_transpose("x", 2, (2,), (2,)), (5, 3))]
    assert modules == ["matrix_vector_unit"]
    made = kernels(lambda b: b.conv_transpose("x", 2, (4, 4), (2, 2), ((1, 1), (1, 1))), (4, 5, 3))
    assert [k.module for k in made] == ["sliding_window", "matrix_vector_unit", "reorder", "stream_slice"]
    (unit,) = (k for k in made if isinstance(k, MatrixVectorUnit))
    assert unit.weights.shape == (2 * 2 * 2, 2 * 2 * 3)
    assert unit.vectors == 5 * 6


def words(design: Design, x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), design.input.words, design.input.stream.lanes)


def folded(graph: IntegerGraph, interval: int) -> Design:
    """At the interval, or at the best there is."""
    lowered = lower(graph, "ecp5")
    return size_fifos(fold(lowered, fold_for_interval(lowered, interval)))[0]


@pytest.mark.parametrize("net", NETS, ids=lambda n: n.__name__)
def test_references_give_the_graphs_integers(net: Callable[[], Net]) -> None:
    graph, x = net()
    expected = graph.run(x)
    for interval in (10**6, 1500, 700):
        design = folded(graph, interval)
        np.testing.assert_array_equal(design.run(words(design, x)).reshape(expected.shape), expected)


@pytest.mark.parametrize("interval", [10**6, 700])
@pytest.mark.parametrize("net", NETS, ids=lambda n: n.__name__)
def test_verilog_gives_the_graphs_integers_at_the_predicted_rate(
    net: Callable[[], Net], interval: int, tmp_path: Path
) -> None:
    graph, x = net()
    x = np.tile(x, (4,) + (1,) * (x.ndim - 1))
    design = folded(graph, interval)
    sources = emit(design, tmp_path)
    simulator = compile_simulator(
        TOP, sources, [design.input], [design.output], data=tmp_path, flags=[ERROR_FLAG], optimise=False
    )
    expected = graph.run(x)
    free = simulator.run([words(design, x)])
    np.testing.assert_array_equal(free.outputs[0].reshape(expected.shape), expected)
    assert design.interval <= free.interval <= 1.01 * design.interval
    for seed, (probability, burst) in enumerate([(0.3, 4), (0.01, 400)]):
        stalled = simulator.run([words(design, x)], stalls=Stalls(probability, burst, seed))
        np.testing.assert_array_equal(stalled.outputs[0].reshape(expected.shape), expected)
        assert stalled.flags == {ERROR_FLAG: 0}
