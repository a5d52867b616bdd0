"""Every operator in da4ml's arithmetic against its own integer semantics, to the ends of the range."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import MissingTool, Refused, UserError
from codesign.graph import IntegerGraph, MatMul, Operator, Requantize, Threshold
from codesign.graph.examples import Builder
from codesign.graph.operators.channel_shuffle import ChannelShuffle
from codesign.graph.operators.concat import Concat
from codesign.graph.operators.cum_sum import CumSum
from codesign.graph.operators.expand import Expand
from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.mul import Mul
from codesign.graph.operators.pad import Pad
from codesign.graph.operators.slice import Slice
from codesign.graph.operators.sum_pool import SumPool
from codesign.graph.operators.table import Table
from codesign.graph.operators.top_k import TopK
from codesign.graph.operators.transpose import Transpose
from codesign.graph.operators.upsample import Upsample
from hw.da4ml import environment
from hw.da4ml.trace import LIMIT, size, unroll

ONE = {"inputs": ("x",), "output": "y"}
WINDOW = {"kernel": (3,), "stride": (2,), "pads": ((1, 1),), "dilation": (1,)}


def outputs(graph: IntegerGraph, x: np.ndarray) -> np.ndarray:
    """What da4ml's own interpreter makes of the unrolled graph."""
    pipeline = unroll(graph).pipeline
    made = [pipeline(frame.reshape(-1).astype(np.float64)) for frame in x]
    return np.array(made).reshape(len(x), *graph.tensors[graph.output].shape)


def check(b: Builder, output: str, count: int = 40) -> None:
    graph, x = b.graph(output), b.frames(count)
    t = graph.tensors["x"]
    x[0], x[1] = t.low, t.high
    np.testing.assert_array_equal(outputs(graph, x), graph.run(x))


MOVES: list[Operator] = [
    Transpose(**ONE, axes=(1, 0)),  # type: ignore[arg-type]
    Slice(**ONE, starts=(1, 0), stops=(5, 3), steps=(2, 2)),  # type: ignore[arg-type]
    ChannelShuffle(**ONE, order=np.array([2, 0, 1])),  # type: ignore[arg-type]
    Upsample(**ONE, factors=(2,)),  # type: ignore[arg-type]
    Concat(inputs=("x", "x"), output="y", axis=-1),
    Pad(**ONE, pads=((1, 2),), value=-3),  # type: ignore[arg-type]
    SumPool(**ONE, **WINDOW),  # type: ignore[arg-type]
    MaxPool(**ONE, **WINDOW),  # type: ignore[arg-type]
    CumSum(**ONE, axis=0, size=5),  # type: ignore[arg-type]
    CumSum(**ONE, axis=0, size=5, exclusive=True),  # type: ignore[arg-type]
    Mul(inputs=("x", "x"), output="y"),
    Table(**ONE, values=np.random.default_rng(0).integers(-99, 99, (3, 12)), first=np.array([-6, -6, -6])),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("op", MOVES, ids=lambda op: type(op).__name__)
def test_an_operator(op: Operator) -> None:
    b = Builder((5, 3), -6, 5)
    b.append(op)
    check(b, "y")


def test_expand_and_reshape() -> None:
    b = Builder((1, 3), -6, 5)
    check(b, b.append(Expand(inputs=(b.reshape("x", (1, 3)),), output="y", to=(4, 3))))


@pytest.mark.parametrize(
    "geometry",
    [
        {"kernel": (3,), "pads": ((1, 1),)},
        {"kernel": (3,), "pads": ((2, 0),), "stride": 2},
        {"kernel": (2,), "dilation": 3},
        {"kernel": (3,), "groups": 2, "pads": ((0, 1),)},
        {"kernel": (3,), "groups": 4},
    ],
    ids=str,
)
def test_conv(geometry: dict) -> None:
    b = Builder((7, 4), -8, 7)
    check(b, b.conv("x", 4, **geometry))


def test_conv_2d_and_add() -> None:
    b = Builder((4, 5, 2), -4, 3)
    one, two = (b.conv("x", 3, (3, 3), ((1, 1), (0, 2))) for _ in range(2))
    check(b, b.global_sum(b.add(one, two, (3, -2))))


@pytest.mark.parametrize("levels", [-8, -2000], ids=["table", "arithmetic"])
def test_requantize_of_either_sign_and_any_width(levels: int) -> None:
    b = Builder((12,), levels, -levels - 1)
    check(b, b.requantize("x"), 400)


@pytest.mark.parametrize("shift", [0, 1, 9])
def test_requantize_floors_and_clamps(shift: int) -> None:
    b = Builder((4,), -900, 900)
    multiplier, offset = np.array([3, -5, 1, 0]), np.array([1, -7, -(2**shift), 5 << shift])
    op = Requantize(inputs=("x",), output="y", multiplier=multiplier, offset=offset, shift=shift, low=-7, high=6)
    check(b, b.append(op), 400)


@pytest.mark.parametrize("count", [1, 5, 7, 8])
@pytest.mark.parametrize("reach", [20, 900], ids=["table", "search"])
def test_threshold(reach: int, count: int) -> None:
    b = Builder((4,), -reach, reach)
    steps = np.sort(np.random.default_rng(1).integers(-reach - 3, reach + 3, (4, count)), 1)
    steps[0, 0] = -reach  # always reached
    down = np.array([False, True, False, True])
    check(b, b.append(Threshold(inputs=("x",), output="y", thresholds=steps, descending=down, low=-2)), 400)


def test_a_table_of_what_has_a_tighter_range_than_da4ml_knows() -> None:
    """Six levels are searched for in three bits, which could count to seven."""
    b = Builder((3,), -900, 900)
    levels = b.threshold("x", 6)
    values = np.random.default_rng(2).integers(-99, 99, (3, 7))
    check(b, b.append(Table(inputs=(levels,), output="y", values=values, first=np.array([-1, -1, -1]))), 400)


def test_what_is_refused() -> None:
    b = Builder((64,), -128, 127)
    graph = b.graph(b.matmul(b.matmul("x", 320), 3))
    assert size(graph) > LIMIT
    with pytest.raises(UserError, match=rf"unrolls to about {size(graph):,} additions, .* at most 10,000"):
        unroll(graph)
    b = Builder((6,), -4, 3)
    b.append(TopK(inputs=("x",), output="y", k=2, indices=True))
    with pytest.raises(Refused, match="TopK y: it has no form in da4ml's arithmetic"):
        unroll(b.graph("y"))
    b = Builder((6,), -4, 3)
    b.append(MatMul(inputs=("x",), output="wide", weights=np.full((1, 6), 2**24 + 1)))
    with pytest.raises(Refused, match=r"MatMul wide: .* weights beyond 2\*\*24"):
        unroll(b.graph("wide"))


def test_da4ml_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingTool, match=r"extra `da4ml`.*LGPLv3"):
        environment.require()
