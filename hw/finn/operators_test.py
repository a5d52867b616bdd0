"""Every operator in FINN's words, executed by FINN itself, against the IntegerGraph. All tests share FINN's process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import boards
from codesign.errors import Refused
from codesign.graph import Conv, IntegerGraph, MatMul, Operator, Threshold
from codesign.graph.examples import Builder
from codesign.graph.operators.channel_shuffle import ChannelShuffle
from codesign.graph.operators.concat import Concat
from codesign.graph.operators.conv_transpose import ConvTranspose
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
from hw.finn.emit import emit
from hw.finn.flow import Flow, prepare
from hw.finn.witness import witness

FRAMES = 5
ONES = np.ones((2, 1, 4), np.int64)


def alone(kind: type[Operator], shape: tuple[int, ...], **fields: Any) -> IntegerGraph:
    """A graph of one operator on integers of [-8, 7]."""
    b = Builder(shape, -8, 7)
    inputs = ("x", "x") if kind is Mul else ("x",)
    return b.graph(b.append(kind(inputs=inputs, output="y", **fields)), kind.__name__)


def check(graph: IntegerGraph, seed: int = 0) -> dict[str, int]:
    """Hold FINN's execution to the graph; return FINN's operators that ran."""
    t = graph.tensors[graph.input]
    x = np.random.default_rng(seed).integers(t.low, t.high, (FRAMES, *t.shape), np.int64, endpoint=True)
    x[0] = t.low  # what padding must not win over
    result = witness(graph, x)
    result.require()
    assert (result.frames, result.missing) == (FRAMES, {})
    assert len(np.unique(graph.run(x))) > 2, "the frames must reach more than a few values"
    return result.operators


TWO, UNEVEN = ((0, 0), (0, 0)), ((1, 1), (0, 1))
CASES: dict[str, tuple[type[Operator], tuple[int, ...], dict[str, Any]]] = {
    "max_1d": (MaxPool, (9, 3), {"kernel": (3,), "stride": (2,), "pads": ((1, 1),), "dilation": (1,)}),
    "max_2d": (MaxPool, (6, 7, 3), {"kernel": (2, 3), "stride": (2, 1), "pads": TWO, "dilation": (1, 2)}),
    "max_2d_padded": (MaxPool, (6, 7, 3), {"kernel": (3, 2), "stride": (2, 2), "pads": UNEVEN, "dilation": (1, 1)}),
    "sum_1d": (SumPool, (9, 3), {"kernel": (4,), "stride": (1,), "pads": ((2, 1),), "dilation": (1,)}),
    "sum_2d": (SumPool, (6, 7, 3), {"kernel": (2, 3), "stride": (2, 1), "pads": UNEVEN, "dilation": (1, 1)}),
    "pool_of_one": (SumPool, (6, 7, 3), {"kernel": (1, 1), "stride": (3, 2), "pads": TWO, "dilation": (1, 1)}),
    "long_steps": (MaxPool, (6, 7, 3), {"kernel": (2, 1), "stride": (9, 8), "pads": TWO, "dilation": (2, 1)}),
    "pad_zero": (Pad, (4, 5, 2), {"pads": ((1, 2), (0, 3))}),
    "pad_value": (Pad, (4, 5, 2), {"pads": ((1, 0), (2, 1)), "value": -11}),
    "pad_1d": (Pad, (4, 2), {"pads": ((3, 1),), "value": 5}),
    "upsample_1d": (Upsample, (5, 3), {"factors": (3,)}),
    "upsample_2d": (Upsample, (4, 5, 3), {"factors": (2, 5)}),
    "expand_spatial": (Expand, (1, 4, 3), {"to": (6, 4, 3)}),
    "expand_channels": (Expand, (1, 4, 1), {"to": (2, 4, 6)}),
    "slice_channels": (Slice, (5, 9), {"starts": (0, 2), "stops": (5, 8), "steps": (1, 1)}),
    "slice_all": (Slice, (7, 6, 9), {"starts": (1, 0, 1), "stops": (7, 6, 9), "steps": (2, 3, 3)}),
    "slice_positions": (Slice, (7, 9), {"starts": (3, 0), "stops": (99, 9), "steps": (1, 1)}),
    "shuffle": (ChannelShuffle, (5, 12), {"order": np.arange(12).reshape(3, 4).T.ravel()}),
    "transpose_1d": (Transpose, (5, 12), {"axes": (1, 0)}),
    "transpose_2d": (Transpose, (3, 4, 5), {"axes": (2, 0, 1)}),
    "square": (Mul, (5, 4), {}),
    "top_3": (TopK, (4, 10), {"k": 3, "indices": True}),
    "arg_max": (TopK, (300,), {"k": 1, "indices": True}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_finn_computes_the_operator(name: str) -> None:
    kind, shape, fields = CASES[name]
    check(alone(kind, shape, **fields))


@pytest.mark.parametrize("groups", [1, 2, 6])
@pytest.mark.parametrize("rank", [1, 2])
def test_finn_computes_a_transposed_convolution(rank: int, groups: int) -> None:
    stride, dilation, pads, more = (2, 3), (2, 1), ((1, 0), (2, 2)), (1, 0)
    weights = np.random.default_rng(rank).integers(-7, 8, (6, *(3, 4)[:rank], 6 // groups))
    fields = {"stride": stride, "pads": pads, "dilation": dilation, "output_padding": more}
    cut = {name: value[:rank] for name, value in fields.items()}
    ran = check(alone(ConvTranspose, (*(5, 4)[:rank], 6), weights=weights, groups=groups, **cut))
    assert ran["FMPadding_Pixel"] == 1 and ("VVAU" in ran) == (groups == 6)


@pytest.mark.parametrize("kernel", [1, 2])
def test_finn_computes_a_kernel_a_channel_at_the_models_input(kernel: int, tmp_path: Path) -> None:
    weights = np.random.default_rng(kernel).integers(-7, 8, (5, kernel, kernel, 1))
    spatial = {"stride": (2, 1), "pads": TWO, "dilation": (1, 1)}
    graph = alone(Conv, (6, 6, 5), weights=weights, groups=5, **spatial)
    assert ("VVAU" in check(graph)) == (kernel == 2)
    flow = Flow(boards.get("pynq_z2"), 100.0, 1000)
    assert "y" in prepare(graph, np.zeros((1, 6, 6, 5), np.int64), flow, tmp_path).operators.values()


@pytest.mark.parametrize("axis", [-1, -2, -3])
def test_finn_joins_along_every_axis(axis: int) -> None:
    b = Builder((4, 4, 4), -8, 7)
    others = [b.requantize("x", 0, 3), "x", b.requantize("x", -20, 4)]
    cut = b.append(Slice(inputs=("x",), output="cut", starts=(0, 0, 0), stops=_stops(axis), steps=(1, 1, 1)))
    joined = b.append(Concat(inputs=(*others, cut), output="joined", axis=axis))
    assert check(b.graph(joined))["StreamingConcat"] == 1


def _stops(axis: int) -> tuple[int, ...]:
    stops = [4, 4, 4]
    stops[axis] = 2
    return tuple(stops)


@pytest.mark.parametrize("function", [np.tanh, lambda x: -np.tanh(x), lambda x: np.round(x**3 / 4)])
def test_a_table_that_is_a_staircase_becomes_thresholds(function: Callable[[np.ndarray], np.ndarray]) -> None:
    x = np.arange(-9, 9)
    values = np.stack([np.round(20 * function(x / 4)), np.round(-12 * function(x / 6)), 0 * x]).astype(np.int64)
    ran = check(alone(Table, (6, 3), values=values, first=np.full(3, -9)))
    assert ran["Thresholding"] == 1


def test_levels_that_are_jumped_over_stay_so() -> None:
    thresholds = np.array([[-3, -3, -3, 2, 2], [-8, -1, -1, 5, 8]])
    descending = np.array([False, True])
    check(alone(Threshold, (9, 2), thresholds=thresholds, descending=descending, low=-2))


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_one_bit_of_zero_and_one_times_minus_one_and_one(groups: int) -> None:
    signs = np.random.default_rng(groups).choice([-1, 1], (4, 3, 3, 4 // groups))
    b = Builder((6, 6, 4), 0, 1)
    fields = {"stride": (1, 1), "pads": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": groups}
    product = b.append(Conv(inputs=("x",), output="conv", weights=signs, **fields))  # type: ignore[arg-type]
    above, falls = np.full((4, 1), 1), np.array([False, True] * 2)
    bits = b.append(Threshold(inputs=(product,), output="bit", thresholds=above, descending=falls, low=0))
    scores = b.append(MatMul(inputs=(bits,), output="scores", weights=np.random.default_rng(9).choice([-1, 1], (3, 4))))
    check(b.graph(scores))


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        (TopK, {"k": 2, "indices": False}, "TopK y: it asks for the largest values"),
        (ChannelShuffle, {"order": np.array([1, 0, 2, 3])}, "ChannelShuffle y: its channels are not dealt out"),
        (Table, {"values": np.array([[0, 1] * 8]), "first": np.full(4, -8)}, "Table y: its channel 0 rises and falls"),
        (
            ConvTranspose,
            {"weights": ONES, "stride": (2,), "pads": ((1, 0),), "output_padding": (0,), "dilation": (1,)},
            r"ConvTranspose y: its pads \(\(1, 0\),\) cut off more",
        ),
    ],
)  # fmt: skip
def test_what_finn_has_no_form_of_is_refused_by_name(kind: type[Operator], fields: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        emit(alone(kind, (6, 4), **fields))
