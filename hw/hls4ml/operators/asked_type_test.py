"""One type for every result and accumulator (``--precision``), with bits behind its point, in C simulation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import boards
from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder
from codesign.graph.operators.concat import Concat
from codesign.graph.operators.cum_sum import CumSum
from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.mul import Mul
from codesign.graph.operators.pad import Pad
from codesign.graph.operators.slice import Slice
from codesign.graph.operators.sum_pool import SumPool
from codesign.graph.operators.table import Table
from codesign.graph.operators.top_k import TopK
from codesign.graph.operators.transpose import Transpose
from codesign.graph.operators.upsample import Upsample
from hw.hls4ml.flow import prepare, simulate
from hw.hls4ml.settings import IO_TYPES, Settings
from hw.hls4ml.target import target_of

ASKED = "fixed<48,20>"


def mixed() -> tuple[IntegerGraph, np.ndarray]:
    """What computes, compares, indexes, counts and moves, behind one another and joined in the output."""
    b = Builder((6, 3), -8, 7, 5)
    conv = b.conv("x", 3, (2,), ((1, 0),))
    window = {"kernel": (2,), "stride": (1,), "pads": ((1, 0),), "dilation": (1,)}
    largest = b.append(MaxPool(inputs=(conv,), output="largest", **window))  # type: ignore[arg-type]
    small = b.requantize(b.append(SumPool(inputs=(largest,), output="sums", **window)))  # type: ignore[arg-type]
    counted = b.threshold(b.add(small, "x", (3, -2)), 5)
    t = b.tensors[counted]
    values = b.random.integers(-900, 900, (3, int((t.high - t.low).max()) + 1))
    table = b.append(Table(inputs=(counted,), output="table", values=values, first=t.low))
    total = b.append(CumSum(inputs=(table,), output="total", axis=0, size=6, exclusive=False))
    tops = [b.append(TopK(inputs=(total,), output=f"top{i}", k=3, indices=bool(i))) for i in range(2)]
    turned = b.append(Transpose(inputs=(total,), output="turned", axes=(1, 0)))
    thin = b.append(Slice(inputs=(turned,), output="thin", starts=(0, 0), stops=(3, 6), steps=(1, 2)))
    long = b.append(Pad(inputs=(thin,), output="long", pads=((0, 0),), value=0))
    copies = b.append(Upsample(inputs=(long,), output="copies", factors=(2,)))
    square = b.append(Mul(inputs=(small, small), output="square"))
    joined = b.append(Concat(inputs=(square, *tops, copies, total, conv), output="joined", axis=-1))
    scores = b.matmul(b.global_sum(b.requantize(joined)), 4)
    wide = b.reshape(joined, (6 * b.tensors[joined].channels, 1))
    tall = b.reshape(scores, (4, 1))
    return b.graph(b.append(Concat(inputs=(wide, tall), output="all", axis=-2))), b.frames(40)


@pytest.mark.parametrize("io_type", IO_TYPES)
def test_integers_are_those_of_the_graph_in_a_type_with_a_point(io_type: str, tmp_path: Path) -> None:
    graph, x = mixed()
    prepared = prepare(graph, Settings(io_type, precision=ASKED), target_of(boards.get("zcu104"), 100.0), tmp_path)
    held = {name: types for name, types in prepared.emission.types.items() if name != "frame_in"}
    assert {str(types[what]) for types in held.values() for what in ("result", "accum") if what in types} == {ASKED}
    expected = graph.run(x)
    assert (np.ptp(expected, axis=0) > 0).mean() > 0.9
    np.testing.assert_array_equal(simulate(graph, tmp_path, tmp_path / "csim", x), expected)
