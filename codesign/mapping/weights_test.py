"""Where weights go, against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.graph import Conv, IntegerGraph
from codesign.graph.examples import Builder
from codesign.mapping.weights import place, weight_bits
from hw.kernels.kernel import Resources

SETS = 4


def towers() -> IntegerGraph:
    """Weights of 4 bits: 4 x 16 x 16 x 5 (20 kbit), then 4 x 16 x 32 x 4 (32 kbit), 4 x 32 x 32 x 8 (128 kbit)."""
    b = Builder((12, 64), 0, 15)
    small = b.requantize(b.conv("x", 64, (5,), ((2, 2),), groups=SETS))
    middle = b.requantize(b.conv(small, 128, (4,), ((1, 2),), groups=SETS))
    large = b.requantize(b.conv(middle, 128, (8,), ((3, 4),), groups=SETS))
    return b.graph(b.matmul(b.global_sum(large), 3), "towers")


def convolutions(graph: IntegerGraph) -> list[str]:
    return [op.output for op in graph.operators if isinstance(op, Conv)]


def test_bits_of_weights() -> None:
    graph = towers()
    sizes = [weight_bits(op) for op in graph.operators if isinstance(op, Conv)]
    assert sizes == [4 * n for n in (5120, 8192, 32768)]


def test_what_fits_stays() -> None:
    graph = towers()
    placed = place(graph, Resources(bram=21))  # half of them are 193,536 bits, of which 185,856 are needed
    assert placed.graph is graph and not placed.streamed and not placed.text
    assert place(graph, Resources(bram=5, uram=1)).graph is graph  # 193,536
    assert place(graph, Resources(bram=1), "never").graph is graph


@pytest.mark.parametrize(("blocks", "count"), [(20, 1), (14, 1), (13, 2), (12, 2), (11, 3), (1, 3)])
def test_the_largest_are_streamed_until_the_rest_fits(blocks: int, count: int) -> None:
    """Held: 185,856 bits; 120,320 with two sets of the largest, 103,936 of the middle one too, 93,696 of all."""
    graph = towers()
    placed = place(graph, Resources(bram=blocks))
    largest = convolutions(graph)[::-1][:count]
    assert placed.streamed == {f"{name}.sets" for name in largest}
    x = np.random.default_rng(0).integers(0, 16, (3, 12, 64))
    np.testing.assert_array_equal(placed.graph.run(x), graph.run(x))
    assert placed.text.startswith("the 4 parts share one engine: of 0.186 Mb of weights")


def test_all_are_streamed_on_request() -> None:
    assert len(place(towers(), Resources(bram=1000), "always").streamed) == 3


def test_without_groups_nothing_is_streamed() -> None:
    b = Builder((12, 16), 0, 15)
    graph = b.graph(b.conv("x", 16, (3,)))
    asked, unasked = place(graph, Resources(), "always"), place(graph, Resources(), "auto")
    assert asked.graph is graph and unasked.graph is graph
    assert asked.text.startswith("none are streamed: no convolution has more than 2 sets") and unasked.text == ""
