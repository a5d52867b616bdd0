"""The shared graph against the graph that it was made of, on random integers; and what is shared."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from codesign.graph import Conv, IntegerGraph
from codesign.graph.examples import Builder
from codesign.graph.operators.each_set import EachSet
from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.mul import Mul
from codesign.graph.operators.sum_pool import SumPool
from codesign.graph.operators.table import Table
from codesign.graph.share import share

SETS = 3


def parts_net(seed: int = 0) -> tuple[IntegerGraph, np.ndarray]:
    """Every kind that is shared: skips, strides, groups within a set, pools, a sum, activations; dense at both ends."""
    b = Builder((14, 4), -8, 7, seed)
    start = b.requantize(b.conv("x", SETS * 4, (1,)))
    one = b.requantize(b.conv(start, SETS * 6, (4,), ((1, 2),), groups=SETS))
    two = b.threshold(b.conv(one, SETS * 6, (3,), ((2, 2),), dilation=2, groups=2 * SETS))
    joined = b.requantize(b.add(one, two, (2, -1)), 0, 15)
    down = b.conv(joined, SETS * 4, (3,), ((1, 1),), stride=2, groups=SETS)
    side = b.conv(joined, SETS * 4, (1,), stride=2, groups=SETS)
    both = b.append(table(b, b.add(down, side)))
    windows = {"kernel": (2,), "stride": (1,), "pads": ((1, 0),), "dilation": (1,)}
    largest = b.append(MaxPool(inputs=(both,), output="max", **windows))  # type: ignore[arg-type]
    summed = b.append(SumPool(inputs=(both,), output="window", **windows))  # type: ignore[arg-type]
    times = b.append(Mul(inputs=(b.requantize(largest), b.requantize(summed)), output="times"))
    scores = b.matmul(b.requantize(b.global_sum(times)), 5)
    return b.graph(scores, "parts"), b.frames(6)


def table(b: Builder, x: str) -> Table:
    """A random function of each channel, over exactly its range; the ranges of the sets differ."""
    t = b.tensors[x]
    low = t.low
    values = b.random.integers(-8, 8, (t.channels, int((t.high - low).max()) + 1))
    return Table(inputs=(x,), output="table", values=values, first=low)


@pytest.mark.parametrize("seed", range(4))
def test_the_shared_graph_computes_the_same(seed: int) -> None:
    graph, x = parts_net(seed)
    shared = share(graph)
    np.testing.assert_array_equal(shared.run(x), graph.run(x))
    kinds = Counter(type(op.parts[0]).__name__ for op in shared.operators if isinstance(op, EachSet))
    assert kinds == {"Conv": 4, "Requantize": 5, "Threshold": 1, "Table": 1}
    assert not any(isinstance(op, Conv) and op.groups > 1 for op in shared.operators)
    weights = [sum(w.size for w in _weights(g)) for g in (graph, shared)]
    assert weights[0] == weights[1]


def _weights(graph: IntegerGraph) -> list[np.ndarray]:
    parts = [p for op in graph.operators for p in (op.parts if isinstance(op, EachSet) else (op,))]
    return [part.weights for part in parts if isinstance(part, Conv)]


def test_a_shared_graph_is_kept_in_a_file(tmp_path: Path) -> None:
    graph, x = parts_net(5)
    share(graph).save(tmp_path)
    np.testing.assert_array_equal(IntegerGraph.load(tmp_path).run(x), graph.run(x))


def test_two_sets_swapped_are_noticed() -> None:
    graph, x = parts_net()
    shared = share(graph)
    for op in shared.operators:
        if isinstance(op, EachSet) and isinstance(op.parts[0], Conv):
            first, second, *others = op.parts
            object.__setattr__(op, "parts", (second, first, *others))
            assert not np.array_equal(shared.run(x), graph.run(x)), op.output
            object.__setattr__(op, "parts", (first, second, *others))


def test_a_tensor_read_outside_comes_back_in_its_order() -> None:
    b = Builder((6, 8), -8, 7)
    inner = b.requantize(b.conv("x", 8, (3,), ((1, 1),), groups=2))
    deep = b.conv(inner, 4, (3,), ((1, 1),), groups=2)
    wide = b.conv(inner, 4, (1,))
    graph = b.graph(b.add(deep, wide))
    shared, x = share(graph), b.frames(3)
    np.testing.assert_array_equal(shared.trace(x)[inner], graph.trace(x)[inner])
    np.testing.assert_array_equal(shared.run(x), graph.run(x))


def test_what_meets_other_groups_ends_the_region() -> None:
    b = Builder((6, 8), -8, 7)
    first = b.requantize(b.conv("x", 8, (3,), ((1, 1),), groups=2))
    mixed = b.requantize(b.conv(first, 8, (1,)))
    last = b.conv(mixed, 16, (5,), ((2, 2),), groups=2)
    graph = b.graph(last)
    shared, x = share(graph), b.frames(3)
    np.testing.assert_array_equal(shared.run(x), graph.run(x))
    (op,) = [op for op in shared.operators if isinstance(op, EachSet)]
    assert op.output == f"{last}.sets"  # the larger of the two


@pytest.mark.parametrize("groups", [1, 8])
def test_without_groups_nothing_is_shared(groups: int) -> None:
    b = Builder((6, 8), -8, 7)
    graph = b.graph(b.conv("x", 8, (3,), groups=groups))  # depthwise: a set would be one channel
    assert share(graph) is graph


def test_frames_of_two_spatial_axes_are_left_alone() -> None:
    b = Builder((6, 6, 8), -8, 7)
    graph = b.graph(b.conv("x", 8, (3, 3), groups=2))
    assert share(graph) is graph


def test_parts_of_other_forms_are_refused() -> None:
    b = Builder((6, 8), -8, 7)
    b.conv("x", 8, (3,))
    b.conv("x", 8, (5,))
    with pytest.raises(ValueError, match="differ in nothing but"):
        EachSet(inputs=("x",), output="y", parts=tuple(b.operators))
    with pytest.raises(ValueError, match="takes 1 sets, not 2"):
        EachSet(inputs=("x",), output="y", parts=(b.operators[0],)).shape((2, 6, 8))
