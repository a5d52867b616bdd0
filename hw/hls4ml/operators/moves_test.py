"""Functions of one integer, products and movements in C simulation, integer for integer, as arrays and as streams.

Every branch of a graph ends in its output, so that each of its integers is compared.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from pathlib import Path

import numpy as np
import pytest

import boards
from codesign.errors import Refused
from codesign.graph import Add, IntegerGraph, Operator, Reshape, Threshold
from codesign.graph.examples import Builder
from codesign.graph.operators.channel_shuffle import ChannelShuffle
from codesign.graph.operators.concat import Concat
from codesign.graph.operators.cum_sum import CumSum
from codesign.graph.operators.each_set import EachSet
from codesign.graph.operators.expand import Expand
from codesign.graph.operators.mul import Mul
from codesign.graph.operators.slice import Slice
from codesign.graph.operators.table import Table
from codesign.graph.operators.top_k import TopK
from codesign.graph.operators.transpose import Transpose
from codesign.graph.tensor import Tensor
from hw.hls4ml.emit import emit
from hw.hls4ml.flow import prepare, simulate
from hw.hls4ml.settings import IO_TYPES, Settings
from hw.hls4ml.target import target_of

FRAMES = 25


class Moves(Builder):
    """A builder that keeps what must come out."""

    def __init__(self, shape: tuple[int, ...], low: int, high: int, seed: int) -> None:
        super().__init__(shape, low, high, seed)
        self.ends: list[str] = []

    def keep(self, op: Operator) -> str:
        self.ends.append(self.append(op))
        return op.output

    def whole(self) -> IntegerGraph:
        """All that was kept, one integer behind the other."""
        flat = []
        for name in self.ends:
            to = (prod(self.tensors[name].shape), 1)
            flat.append(self.append(Reshape(inputs=(name,), output=f"{name} flat", to=to)))
        return self.graph(self.append(Concat(inputs=tuple(flat), output="all of it", axis=-2)), "moves")


def thresholds(b: Moves, x: str) -> Threshold:
    """At both ends of the range and far above it, rising and falling."""
    t = b.tensors[x]
    drawn = b.random.integers(t.low[:, None], t.high[:, None] + 2, (t.channels, 6))
    drawn = np.concatenate([t.low[:, None], np.sort(drawn, 1), np.full((t.channels, 1), 2**60)], 1)
    return Threshold(inputs=(x,), output="class", thresholds=drawn, descending=np.arange(t.channels) % 2 == 0, low=-3)


def no_thresholds(b: Moves, x: str) -> Threshold:
    none = np.zeros((b.tensors[x].channels, 0), np.int64)
    falling = np.arange(len(none)) % 2 == 0
    return Threshold(inputs=(x,), output="no thresholds", thresholds=none, descending=falling, low=5)


def table(b: Moves, x: str, rows: int, output: str) -> Table:
    """Of all channels or of each, and larger at both ends than the input's range."""
    t = b.tensors[x]
    first = t.low - 2 - np.arange(t.channels)
    values = b.random.integers(-900 // rows, 900 // rows, (rows, int((t.high - first).max()) + 3))
    return Table(inputs=(x,), output=output, values=values, first=first)


def functions(b: Moves) -> None:
    """What is done integer by integer, and position by position; one input read by more than hls4ml's clones."""
    channels = b.tensors["x"].channels
    counted = b.keep(thresholds(b, "x"))
    b.keep(no_thresholds(b, "x"))
    b.keep(table(b, "x", channels, "TABLE"))
    one = b.keep(table(b, counted, 1, "table"))
    square = b.keep(Mul(inputs=("x", "x"), output="square"))
    b.keep(Mul(inputs=(square, one), output="config2"))
    b.keep(Add(inputs=("x", "x"), output="2x"))
    for indices in (False, True):
        b.keep(TopK(inputs=("x",), output=f"all{indices}", k=channels, indices=indices))
        b.keep(TopK(inputs=(one,), output=f"most{indices}", k=1, indices=indices))
    order = np.roll(np.arange(channels), 2)
    b.keep(ChannelShuffle(inputs=("x",), output="shuffled", order=order))
    b.keep(Concat(inputs=("x", square, "x"), output="result", axis=-1))


def movements(b: Moves) -> None:
    """What takes integers elsewhere, along every axis."""
    shape = b.tensors["x"].shape
    rank = len(shape)
    for axes in {tuple(range(rank))[::-1], (rank - 1, *range(rank - 1))}:
        b.keep(Transpose(inputs=("x",), output=f"transposed {axes}", axes=axes))
    ends = tuple(1 if n > 1 else 0 for n in shape), tuple(n + 2 for n in shape), tuple(1 + i % 2 for i in range(rank))
    b.keep(Slice(inputs=("x",), output="slice", starts=ends[0], stops=ends[1], steps=ends[2]))
    thin = (0,) * rank, shape, tuple(2 if n > 2 else 1 for n in shape)
    b.keep(Slice(inputs=("x",), output="Slice", starts=thin[0], stops=thin[1], steps=thin[2]))
    other = b.append(table(b, "x", 1, "other"))
    for axis in range(1, rank + 1):
        b.keep(Concat(inputs=(other, "x"), output=f"joined {axis}", axis=-axis))
    for axis in range(rank - 1):
        for exclusive in (False, True):
            name = f"sums {axis} {exclusive}"
            b.keep(CumSum(inputs=("x",), output=name, axis=axis, size=shape[axis], exclusive=exclusive))
    for axis in range(rank):
        unit = tuple(1 if a == axis else n for a, n in enumerate(shape))
        cut = Slice(inputs=("x",), output=f"cut {axis}", starts=(0,) * rank, stops=unit, steps=(1,) * rank)
        b.keep(Expand(inputs=(b.append(cut),), output=f"expanded {axis}", to=shape))
    b.keep(Reshape(inputs=("x",), output="0 turned", to=shape[::-1]))


def sets(b: Moves) -> None:
    """An operator with a set of numbers for each index of the outermost axis."""
    parts = []
    for index in range(b.tensors["x"].shape[0]):
        inner = Moves(b.tensors["x"].shape[1:], 0, 0, index)
        inner.tensors["x"] = Tensor("x", inner.tensors["x"].shape, b.tensors["x"].low, b.tensors["x"].high, 1.0)  # type: ignore[arg-type]
        parts.append(thresholds(inner, "x"))
    b.keep(EachSet(inputs=("x",), output="sets", parts=tuple(parts)))


GRAPHS: dict[str, tuple[tuple[int, ...], int, int, tuple[Callable[[Moves], None], ...]]] = {
    "vector": ((5,), -8, 7, (functions, movements)),
    "one axis": ((4, 3), 0, 15, (functions, movements)),
    "two axes": ((2, 3, 4), -7, 0, (functions, movements, sets)),
    "axes of length 1": ((1, 4, 1), -3, 8, (functions, movements)),
    "three axes": ((2, 2, 3, 2), -2, 1, (movements,)),
}


@pytest.fixture(params=IO_TYPES)
def io_type(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def assert_exact(graph: IntegerGraph, io_type: str, folder: Path) -> None:
    t = graph.tensors[graph.input]
    x = np.random.default_rng(3).integers(t.low, t.high + 1, (FRAMES, *t.shape))
    prepare(graph, Settings(io_type=io_type), target_of(boards.get("zcu104"), 100.0), folder / "project")
    np.testing.assert_array_equal(simulate(graph, folder / "project", folder / "run", x), graph.run(x))


@pytest.mark.parametrize("name", GRAPHS)
def test_every_operator_is_exact(name: str, io_type: str, tmp_path: Path) -> None:
    shape, low, high, parts = GRAPHS[name]
    b = Moves(shape, low, high, len(shape))
    for part in parts:
        part(b)
    assert_exact(b.whole(), io_type, tmp_path)


def test_channels_of_one_value(io_type: str, tmp_path: Path) -> None:
    b = Moves((2, 3), 0, 0, 0)
    constant = np.array([5, -2, 0])
    b.tensors["x"] = Tensor("x", (2, 3), constant, constant, 1.0)  # type: ignore[arg-type]
    functions(b)
    assert_exact(b.whole(), io_type, tmp_path)


def test_a_graph_of_nothing_but_its_input(io_type: str, tmp_path: Path) -> None:
    assert_exact(Moves((2, 3), -8, 7, 0).graph("x"), io_type, tmp_path)


def test_frames_of_more_axes_than_are_counted_are_refused() -> None:
    b = Moves((2, 1, 2, 3, 2), -8, 7, 0)
    turned = b.append(Transpose(inputs=("x",), output="turned", axes=(4, 3, 2, 1, 0)))
    one = (0,) * 5, (1,) * 5, (1,) * 5
    cut = b.append(Slice(inputs=("x",), output="cut", starts=one[0], stops=one[1], steps=one[2]))
    b.keep(Reshape(inputs=(turned,), output="end", to=(24,)))
    b.keep(Reshape(inputs=(cut,), output="other", to=(1,)))
    with pytest.raises(Refused, match=r"Transpose turned: .*5 axes.*Remedy: merge axes(.|\n)*Slice cut: .*5 axes"):
        emit(b.whole(), Settings())
