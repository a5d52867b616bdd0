"""Sets of numbers apart: one operator each, with the integers that they had together."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from codesign.graph import Add, MatMul, Operator, Threshold
from codesign.graph.examples import Builder
from codesign.graph.operators.each_set import EachSet
from codesign.graph.operators.mul import Mul
from codesign.graph.share import share
from hw.hls4ml.normalise import normalise


@pytest.mark.parametrize("sets", [2, 3])
def test_a_shared_graph_of_every_kind(sets: int) -> None:
    b = Builder((10, 3), -8, 7, sets)
    start = b.requantize(b.conv("x", sets * 4, (1,)))
    one = b.requantize(b.conv(start, sets * 4, (3,), ((1, 1),), groups=sets))
    two = b.threshold(b.conv(one, sets * 4, (3,), ((1, 1),), groups=sets))
    shared = share(b.graph(b.matmul(b.global_sum(b.add(one, two)), 5)))
    done = normalise(shared)
    x = b.frames(6)
    np.testing.assert_array_equal(done.graph.run(x), shared.run(x))
    apart = Counter(r.operator.split()[0] for r in done.rewrites if r.rewriting == "each_set_apart")
    assert apart == {"EachSet": 4}
    assert not any(isinstance(op, EachSet) for op in done.graph.operators)
    assert sum(isinstance(op, Threshold) for op in done.graph.operators) == sets


@pytest.mark.parametrize("sets", [1, 3])
def test_parts_of_two_inputs_and_of_none_of_their_shapes(sets: int) -> None:
    """Several inputs; one set; parts that change the shape, of vectors and of frames."""
    b = Builder((sets, 5, 4), -8, 7, 1)
    other = b.requantize("x")
    sums: tuple[Operator, ...] = tuple(Add(inputs=("a", "b"), output="y") for _ in range(sets))
    joined = b.append(EachSet(inputs=("x", other), output="joined", parts=sums))
    inner = Builder((5, 4), -8, 7, 2)
    for _ in range(sets):
        inner.matmul("x", 3)
    wide = b.append(EachSet(inputs=(joined,), output="wide", parts=tuple(inner.operators)))
    totals = [MatMul(inputs=("a",), output="y", weights=np.full((1, 3), s)) for s in range(1, sets + 1)]
    output = b.append(EachSet(inputs=(wide,), output="totals", parts=tuple(totals)))
    graph = b.graph(b.append(Mul(inputs=(output, output), output="squares")))
    x = b.frames(4)
    np.testing.assert_array_equal(normalise(graph).graph.run(x), graph.run(x))
