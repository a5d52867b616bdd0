"""Window operators, joined in one compiled graph for each kind of stream, array and strategy, against the integers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import boards
from codesign.errors import Refused, UserError
from codesign.graph import Conv, IntegerGraph, Operator
from codesign.graph.examples import Builder
from codesign.graph.operators.conv_transpose import ConvTranspose
from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.pad import Pad
from codesign.graph.operators.sum_pool import SumPool
from codesign.graph.operators.upsample import Upsample
from hw.hls4ml.convert import convert
from hw.hls4ml.emit import Emission, emit
from hw.hls4ml.flow import prepare, simulate
from hw.hls4ml.normalise import normalise
from hw.hls4ml.reuse import check_reuse
from hw.hls4ml.settings import Settings
from hw.hls4ml.target import target_of

FRAMES = 30
CASES = [
    (1, "io_stream", "resource", "zcu104"),
    (2, "io_stream", "latency", "pynq_z2"),
    (1, "io_parallel", "latency", "pynq_z2"),
    (2, "io_parallel", "resource", "zcu104"),
]


class Chain(Builder):
    """Appends operators one behind the other; every axis gets the same geometry but for ``last``, of the last one."""

    def __init__(self, rank: int) -> None:
        """The first channel is one integer, the others have ranges of their own."""
        super().__init__(((9, 3), (6, 5, 3))[rank - 1], np.array([2, -8, 0]), np.array([2, 7, 3]), rank)  # type: ignore[arg-type]
        self.rank, self.end = rank, "x"

    def axes(self, all_axes: int, last: int | None = None) -> tuple[int, ...]:
        return (*(all_axes,) * (self.rank - 1), all_axes if last is None else last)

    def pads(self, before: int, after: int) -> tuple[tuple[int, int], ...]:
        return ((before, after),) * self.rank

    def then(self, op: Operator) -> None:
        self.end = self.append(op)

    def convolve(
        self, values: list[int], outputs: int, kernel: tuple[int, ...], groups: int = 1, **other: object
    ) -> None:
        """A convolution with weights of ``values``, some of each."""
        channels = self.tensors[self.end].channels
        weights = self.random.choice(values, (outputs, *kernel, channels // groups))
        ones = self.axes(1)
        geometry: dict[str, Any] = {"stride": ones, "pads": self.pads(0, 0), "dilation": ones} | other
        name = f"conv{len(self.operators)}"
        self.then(Conv(inputs=(self.end,), output=name, weights=weights, groups=groups, **geometry))

    def narrow(self, low: int, high: int) -> None:
        self.end = self.requantize(self.end, low, high)


def convolutions(rank: int) -> Chain:
    """Groups, depthwise, dilation, strides, one tap, a kernel as long as the frame; weights of 1 to 8 bits."""
    c = Chain(rank)
    c.convolve(list(range(-128, 128)), 4, c.axes(2, 3), pads=c.pads(1, 2), dilation=c.axes(1, 2))
    c.narrow(0, 1)
    c.convolve([-1, 1], 4, c.axes(3), groups=4, pads=c.pads(2, 0))
    c.narrow(0, 3)
    c.convolve([-2, -1, 0, 1], 4, c.axes(2), groups=4, stride=c.axes(1, 2))
    c.narrow(-2, 1)
    c.convolve([-1, 0, 1], 6, c.axes(1, 2), groups=2, stride=c.axes(2, 1))
    c.narrow(-1, 0)
    c.convolve([-2, -1, 0, 1], 5, c.axes(1))
    c.narrow(-8, 7)
    c.convolve([0, 1, 2, 3], 5, c.tensors[c.end].shape[:-1])
    return c


def resampling(rank: int) -> Chain:
    """Pools that overlap, leave gaps, are padded or dilated; up again by copies and by transposed convolutions."""
    c = Chain(rank)
    geometry: dict[str, Any] = {"stride": c.axes(1, 2), "pads": c.pads(1, 1), "dilation": c.axes(1)}
    c.then(MaxPool(inputs=("x",), output="largest", kernel=c.axes(3, 2), **geometry))
    geometry = {"stride": c.axes(1), "pads": c.pads(1, 0), "dilation": c.axes(1, 2)}
    c.then(SumPool(inputs=("largest",), output="sums", kernel=c.axes(2), **geometry))
    c.narrow(0, 15)
    c.then(Upsample(inputs=(c.end,), output="copies", factors=c.axes(1, 3)))
    weights = c.random.integers(-7, 8, (2, *c.axes(2, 3), 3))
    geometry = {"stride": c.axes(2, 3), "pads": c.pads(1, 0), "output_padding": c.axes(0), "dilation": c.axes(1)}
    c.then(ConvTranspose(inputs=("copies",), output="turned", weights=weights, **geometry))
    c.then(
        MaxPool(
            inputs=("turned",),
            output="gaps",
            kernel=c.axes(2),
            stride=c.axes(3),
            pads=c.pads(0, 0),
            dilation=c.axes(2, 1),
        )
    )
    c.then(Pad(inputs=("gaps",), output="framed", pads=c.pads(2, 1), value=-700))
    c.end = c.add("framed", c.matmul("framed", 2), (3, -2))
    return c


@pytest.mark.parametrize("chain", [convolutions, resampling])
@pytest.mark.parametrize(("rank", "io_type", "strategy", "board"), CASES)
def test_every_integer_is_right(
    chain: Callable[[int], Chain], rank: int, io_type: str, strategy: str, board: str, tmp_path: Path
) -> None:
    c = chain(rank)
    graph, x = c.graph(c.end), c.frames(FRAMES)
    prepare(graph, Settings(io_type, strategy), target_of(boards.get(board), 100.0), tmp_path)
    expected = graph.run(x)
    assert all(len(np.unique(expected[..., k])) > 8 for k in range(expected.shape[-1]))
    np.testing.assert_array_equal(simulate(graph, tmp_path, tmp_path / "csim", x), expected)


def emission(graph: IntegerGraph, settings: Settings) -> Emission:
    return emit(normalise(graph).graph, settings)


@pytest.mark.parametrize(("rank", "io_type", "strategy", "board"), CASES)
def test_hls4mls_own_depthwise_layer_is_used_where_it_has_one(
    rank: int, io_type: str, strategy: str, board: str
) -> None:
    c = convolutions(rank)
    layers = emission(c.graph(c.end), Settings(io_type, strategy)).layers
    own = [layer["class_name"] for layer in layers if layer["class_name"].startswith("Depthwise")]
    assert own == [f"DepthwiseConv{rank}D"] * 2
    forced = [layer["strategy"] for layer in layers if "strategy" in layer]
    assert forced == ([] if io_type == "io_stream" else ["latency"] * 2)


@pytest.mark.parametrize(("io_type", "kind"), [("io_stream", "Conv2D"), ("io_parallel", "DepthwiseConv2D")])
def test_a_depthwise_kernel_of_one_row_has_no_lines_to_buffer(io_type: str, kind: str) -> None:
    b = Builder((4, 5, 3), -8, 7)
    (layer,) = emission(b.graph(b.conv("x", 3, (1, 3), groups=3)), Settings(io_type)).layers[1:]
    assert layer["class_name"] == kind
    assert np.count_nonzero(layer["weight_data"]) == np.count_nonzero(b.operators[0].weights)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("io_type", "factor", "taken"),
    [("io_stream", factor, factor in (2, 3, 6, 12)) for factor in (2, 3, 4, 6, 8, 12)] + [("io_parallel", 4, True)],
)
def test_depthwise_layers_take_the_reuse_factors_of_their_window(io_type: str, factor: int, taken: bool) -> None:
    b = Builder((7, 2), -8, 7)
    settings = Settings(io_type, reuse_factor=factor)
    depthwise = emission(b.graph(b.conv("x", 2, (3,), groups=2)), settings)
    with nullcontext() if taken else pytest.raises(UserError, match="--reuse-factor must be one that hls4ml takes"):
        check_reuse(depthwise)
        convert(depthwise, target_of(boards.get("zcu104"), 100.0), Path("unwritten"))  # audits the factor


def test_a_result_is_as_wide_as_the_integers_and_no_wider() -> None:
    b = Builder((6, 2), 0, 3)
    b.append(SumPool(inputs=("x",), output="y", kernel=(3,), stride=(1,), pads=((1, 0),), dilation=(1,)))
    b.append(MaxPool(inputs=("y",), output="z", kernel=(3,), stride=(1,), pads=((1, 0),), dilation=(1,)))
    types = emission(b.graph("z"), Settings()).types
    assert {name: str(t["result"]) for name, t in types.items()} == {
        "frame_in": "uint<2>",
        "y_padded_op": "uint<2>",
        "y_op": "uint<4>",
        "z_padded_op": "uint<4>",
        "z_op": "uint<4>",
    }


@pytest.mark.parametrize(
    "op",
    [
        Pad(inputs=("x",), output="y", pads=((1, 0),) * 3),
        Upsample(inputs=("x",), output="y", factors=(2, 1, 1)),
        *(
            kind(inputs=("x",), output="y", kernel=(2,) * 3, stride=(1,) * 3, pads=((0, 0),) * 3, dilation=(1,) * 3)
            for kind in (MaxPool, SumPool)
        ),
    ],
    ids=lambda op: type(op).__name__,
)
def test_three_spatial_axes_are_refused(op: Operator) -> None:
    b = Builder((3, 3, 3, 2), -8, 7)
    with pytest.raises(Refused, match=f"{type(op).__name__} y: .*axes"):
        emission(b.graph(b.append(op)), Settings())


def test_a_transposed_convolution_that_sees_nothing_is_refused() -> None:
    b = Builder((1, 2), -8, 7)
    geometry: dict[str, Any] = {"stride": (1,), "pads": ((1, 0),), "output_padding": (1,), "dilation": (2,)}
    b.append(ConvTranspose(inputs=("x",), output="y", weights=np.ones((2, 1, 2), np.int64), **geometry))
    with pytest.raises(Refused, match=r"ConvTranspose y: .*only zeros"):
        emission(b.graph("y"), Settings())
