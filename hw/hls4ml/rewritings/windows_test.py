"""What stands for window-like operators computes the same on random graphs, in what hls4ml has layers for."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.graph import Add, Conv, IntegerGraph, MatMul, Operator, Requantize
from codesign.graph.examples import Builder
from codesign.graph.operators.conv_transpose import ConvTranspose
from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.pad import Pad
from codesign.graph.operators.slice import Slice
from codesign.graph.operators.sum_pool import SumPool
from hw.hls4ml.normalise import normalise
from hw.hls4ml.spread import Spread

FRAMES = 25
SHAPES = ((11, 4), (6, 7, 4))


def builder(shape: tuple[int, ...], seed: int) -> Builder:
    """Inputs whose channels have ranges of their own, one of them a single integer."""
    rng = np.random.default_rng(seed)
    low, high = rng.integers(-20, 8, shape[-1]), rng.integers(8, 20, shape[-1])
    high[0] = low[0]
    return Builder(shape, low, high, seed)  # type: ignore[arg-type]


def rewritten(b: Builder, op: Operator) -> IntegerGraph:
    """The normalised graph of ``op`` between two others: same integers, and in range."""
    graph = b.graph(b.requantize(b.append(op)))
    x = b.frames(FRAMES)
    result = normalise(graph).graph
    trace = result.trace(x)
    np.testing.assert_array_equal(trace[graph.output], graph.run(x))
    np.testing.assert_array_equal(trace[op.output], graph.trace(x)[op.output])
    for name, values in trace.items():
        assert (values >= result.tensors[name].low).all(), name
        assert (values <= result.tensors[name].high).all(), name
    return result


def kinds(graph: IntegerGraph) -> list[str]:
    return [type(op).__name__ for op in graph.operators]


def axes(b: Builder, low: int, high: int) -> tuple[int, ...]:
    """A number for each spatial axis."""
    return tuple(b.random.integers(low, high + 1, len(b.tensors["x"].shape) - 1).tolist())


def pads(b: Builder, most: int = 2) -> tuple[tuple[int, int], ...]:
    return tuple(zip(axes(b, 0, most), axes(b, 0, most), strict=True))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("groups", "outputs"), [(1, 3), (2, 6), (4, 4), (4, 8)])
def test_convolutions(shape: tuple[int, ...], groups: int, outputs: int, seed: int) -> None:
    b = builder(shape, seed)
    weights = b.random.integers(-7, 8, (outputs, *axes(b, 1, 3), 4 // groups))
    geometry = {"stride": axes(b, 1, 3), "pads": pads(b), "dilation": axes(b, 1, 2)}
    graph = rewritten(b, Conv(inputs=("x",), output="y", weights=weights, groups=groups, **geometry))  # type: ignore[arg-type]
    (op,) = [op for op in graph.operators if isinstance(op, Conv)]
    assert not op.padded
    assert set(op.dilation) == {1}
    assert op.groups == (4 if (groups, outputs) == (4, 4) else 1)
    assert np.count_nonzero(op.weights) == np.count_nonzero(weights)
    assert len(shape) == 2 or op.kernel[0] > 1 or op.kernel == (1, 1) or op.stride[0] == 1


def test_rows_that_a_kernel_strides_over_are_left_out_before() -> None:
    b = builder((6, 7, 4), 0)
    weights = b.random.integers(-7, 8, (2, 1, 3, 4))
    op = Conv(inputs=("x",), output="y", weights=weights, stride=(4, 2), pads=((1, 0), (0, 0)), dilation=(1, 1))
    graph = rewritten(b, op)
    assert kinds(graph)[:3] == ["Pad", "Slice", "Conv"]
    assert graph.tensors[graph.operators[1].output].shape == (2, 7, 4)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_fully_connected_layer_at_every_position(shape: tuple[int, ...]) -> None:
    b = builder(shape, 1)
    graph = rewritten(b, MatMul(inputs=("x",), output="y", weights=b.random.integers(-7, 8, (5, 4))))
    assert kinds(graph)[0] == "Conv"


def test_a_fully_connected_layer_of_a_vector_stays() -> None:
    b = builder((4,), 1)
    assert kinds(rewritten(b, MatMul(inputs=("x",), output="y", weights=np.ones((5, 4), np.int64))))[0] == "MatMul"


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", [MaxPool, SumPool])
def test_pools(kind: type[MaxPool | SumPool], shape: tuple[int, ...], seed: int) -> None:
    b = builder(shape, seed)
    geometry = {"kernel": axes(b, 3, 4), "stride": axes(b, 1, 3), "pads": pads(b), "dilation": axes(b, 1, 2)}
    if kind is MaxPool:
        geometry["dilation"] = axes(b, 1, 1)  # two pads of a dilated window may see nothing of the frame
    graph = rewritten(b, kind(inputs=("x",), output="y", **geometry))  # type: ignore[arg-type]
    (op,) = [op for op in graph.operators if isinstance(op, kind)]
    assert not op.windows.padded
    t = b.tensors["x"]
    for pad in (op for op in graph.operators if isinstance(op, Pad)):
        assert pad.value == (t.low.min() if kind is MaxPool else 0)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("groups", [1, 2])
def test_transposed_convolutions(shape: tuple[int, ...], groups: int, seed: int) -> None:
    b = builder(shape, seed)
    stride, dilation = axes(b, 1, 3), axes(b, 1, 2)
    op = ConvTranspose(
        inputs=("x",),
        output="y",
        weights=b.random.integers(-7, 8, (6, *axes(b, 1, 4), 4 // groups)),
        stride=stride,
        pads=pads(b, 3),
        output_padding=tuple(max(s, d) - 1 for s, d in zip(stride, dilation, strict=True)),
        dilation=dilation,
        groups=groups,
    )
    found = kinds(rewritten(b, op))
    assert "ConvTranspose" not in found
    assert ("Spread" in found) == (set(stride) != {1})


@pytest.mark.parametrize(("low", "high"), [(3, 7), (-7, -3)])
@pytest.mark.parametrize(("kernel", "pad"), [(3, 2), (3, 3), (1, 0)])
def test_transposed_convolutions_that_see_no_zero_are_tighter_than_they_claim(
    kernel: int, pad: int, low: int, high: int
) -> None:
    """The operator's range has the zeros around the frame, which no window is left to see; nor do those behind it."""
    b = Builder((9, 2), low, high, kernel + pad)
    weights = b.random.integers(1, 5, (3, kernel, 2))
    geometry = {"stride": (1,), "pads": ((pad, pad),), "output_padding": (0,), "dilation": (1,)}
    turned = b.append(ConvTranspose(inputs=("x",), output="y", weights=weights, **geometry))  # type: ignore[arg-type]
    graph = b.graph(b.matmul(turned, 4))
    x = b.frames(FRAMES)
    result = normalise(graph).graph
    np.testing.assert_array_equal(result.run(x), graph.run(x))
    assert "Pad" not in kinds(result)
    sums = weights.sum((1, 2))
    claimed = result.tensors[turned]
    assert [claimed.low.tolist(), claimed.high.tolist()] == [(low * sums).tolist(), (high * sums).tolist()]


def test_pads_beyond_the_kernel_cut_the_frame() -> None:
    b = builder((5, 4), 3)
    weights = b.random.integers(-7, 8, (2, 2, 4))
    geometry = {"stride": (2,), "pads": ((3, 2),), "output_padding": (0,), "dilation": (1,)}
    graph = rewritten(b, ConvTranspose(inputs=("x",), output="y", weights=weights, **geometry))  # type: ignore[arg-type]
    assert any(isinstance(op, Slice) for op in graph.operators)


def test_pads_that_leave_nothing_of_the_frame_stay_and_are_refused_later() -> None:
    b = builder((1, 4), 3)
    weights = b.random.integers(-7, 8, (2, 1, 4))
    geometry = {"stride": (1,), "pads": ((1, 0),), "output_padding": (1,), "dilation": (2,)}
    graph = b.graph(b.append(ConvTranspose(inputs=("x",), output="y", weights=weights, **geometry)))  # type: ignore[arg-type]
    assert not graph.run(b.frames(2)).any()
    assert kinds(normalise(graph).graph) == ["ConvTranspose"]


@pytest.mark.parametrize("factors", [(3,), (1, 2), (2, 3)])
def test_spread_is_a_product_with_a_unit_corner(factors: tuple[int, ...]) -> None:
    b = builder((4, 5, 3)[-len(factors) - 1 :], 2)
    x = b.frames(FRAMES)
    corner = np.zeros((1, *factors, 1), np.int64)
    corner.flat[0] = 1
    np.testing.assert_array_equal(Spread(inputs=("x",), output="y", factors=factors).run(x), np.kron(x, corner))


@pytest.mark.parametrize("coefficients", [(3, -2), (1, 5), (-1, 1), (0, 4), (1, 1)])
def test_weighted_sums(coefficients: tuple[int, int]) -> None:
    b = builder((6, 4), 4)
    other = b.matmul("x", 4)
    graph = rewritten(b, Add(inputs=("x", other), output="y", coefficients=coefficients))
    (op,) = [op for op in graph.operators if isinstance(op, Add)]
    assert op.coefficients == (1, 1)
    terms = [op for op in graph.operators if isinstance(op, Requantize) and op.output.startswith("y_term")]
    assert len(terms) == sum(c != 1 for c in coefficients)
