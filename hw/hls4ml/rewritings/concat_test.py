"""Concatenations for hls4ml: two tensors of up to three axes each, with the integers of the one that they stand for."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from codesign.graph import Reshape
from codesign.graph.examples import Builder
from codesign.graph.operators.concat import Concat
from codesign.graph.operators.slice import Slice
from hw.hls4ml.limits import MOST_JOINED_AXES
from hw.hls4ml.normalise import normalise

SHAPE = (3, 2, 4, 3, 5)


def concat(rank: int, axis: int, parts: int, seed: int) -> tuple[Builder, str]:
    """Parts of a frame, of random lengths along ``axis``, in another order than they had."""
    b = Builder(SHAPE[:rank], -8, 7, seed)
    length = SHAPE[rank + axis]
    cuts = np.linspace(0, length, parts + 1).astype(int)
    pieces = []
    for start, stop in list(pairwise(cuts))[::-1]:
        starts, stops = np.zeros(rank, int), np.array(SHAPE[:rank])
        starts[axis], stops[axis] = start, max(stop, start + 1)
        ends = tuple(starts.tolist()), tuple(stops.tolist()), (1,) * rank
        cut = Slice(inputs=("x",), output=f"part{start}_{stop}", starts=ends[0], stops=ends[1], steps=ends[2])
        pieces.append(b.append(cut))
    return b, b.append(Concat(inputs=tuple(pieces), output="joined", axis=axis))


@pytest.mark.parametrize(("rank", "axis"), [(rank, -axis) for rank in (1, 2, 3, 4, 5) for axis in range(1, rank + 1)])
@pytest.mark.parametrize("parts", [2, 3])
def test_every_axis_of_every_rank(rank: int, axis: int, parts: int) -> None:
    if parts > SHAPE[rank + axis]:
        parts = SHAPE[rank + axis]
    b, output = concat(rank, axis, parts, seed=rank)
    graph = b.graph(output)
    rewritten = normalise(graph).graph
    x = b.frames(5)
    np.testing.assert_array_equal(rewritten.run(x), graph.run(x))
    assert not np.array_equal(graph.run(x), x)
    left = [op for op in rewritten.operators if isinstance(op, Concat)]
    assert len(left) == parts - 1
    assert all(len(op.inputs) == 2 for op in left)
    assert max(len(rewritten.tensors[op.output].shape) for op in left) <= MOST_JOINED_AXES


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 2, 2)])
def test_one_tensor_alone_is_a_copy(shape: tuple[int, ...]) -> None:
    b = Builder(shape, -8, 7)
    graph = b.graph(b.append(Concat(inputs=("x",), output="joined", source=("node",), axis=-1)))
    (op,) = normalise(graph).graph.operators
    assert isinstance(op, Reshape) and op.source == ("node",)
    x = b.frames(3)
    np.testing.assert_array_equal(op.run(x), x)


def test_one_tensor_several_times() -> None:
    b = Builder((2, 3), -8, 7)
    graph = b.graph(b.append(Concat(inputs=("x", "x", "x"), output="joined", axis=-1)))
    x = b.frames(3)
    np.testing.assert_array_equal(normalise(graph).graph.run(x), np.tile(x, 3))
