"""ConvTranspose against onnxruntime and, for its range, against the corners of its input."""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from codesign.graph.operators.conv_transpose import ConvTranspose

RNG = np.random.default_rng(5)
SHAPES = [
    # spatial, kernel, stride, pads, output_padding, dilation, groups, channels, outputs
    ((7,), (2,), (2,), ((0, 0),), (0,), (1,), 1, 3, 4),
    ((7,), (3,), (2,), ((1, 1),), (1,), (1,), 1, 3, 4),
    ((6,), (5,), (3,), ((2, 0),), (2,), (1,), 2, 4, 6),
    ((6,), (3,), (2,), ((0, 3),), (1,), (3,), 1, 2, 3),
    ((6,), (3,), (2,), ((1, 0),), (1,), (2,), 1, 2, 3),
    ((4, 5), (4, 4), (2, 2), ((1, 1), (1, 1)), (0, 0), (1, 1), 1, 3, 2),
    ((4, 5), (3, 2), (2, 3), ((1, 0), (0, 2)), (1, 0), (1, 1), 1, 3, 2),
    ((4, 5), (2, 3), (1, 2), ((0, 1), (2, 1)), (0, 1), (2, 1), 3, 6, 3),
    ((3, 3), (1, 1), (2, 2), ((0, 0), (0, 0)), (0, 1), (1, 1), 1, 2, 2),
]


def onnx(op: ConvTranspose, x: np.ndarray) -> np.ndarray:
    """onnxruntime's ConvTranspose: weights [I, O / groups, *kernel] of a group's own inputs, channels first."""
    g = op.groups
    o, i = op.weights.shape[0] // g, op.weights.shape[-1]
    by_group = op.weights.reshape(g, o, *op.kernel, i)
    w = np.moveaxis(by_group, -1, 1).reshape(g * i, o, *op.kernel).astype(np.float32)
    node = helper.make_node(
        "ConvTranspose",
        ["x", "w"],
        ["y"],
        strides=op.stride,
        pads=[a for a, _ in op.pads] + [b for _, b in op.pads],
        output_padding=op.output_padding,
        dilations=op.dilation,
        group=g,
    )
    given = {"x": np.moveaxis(x, -1, 1).astype(np.float32), "w": w}
    infos = [helper.make_tensor_value_info(n, TensorProto.FLOAT, a.shape) for n, a in given.items()]
    graph = helper.make_graph([node], "g", infos, [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 9
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.moveaxis(session.run(None, given)[0], 1, -1).astype(np.int64)


def made(kernel, stride, pads, output_padding, dilation, groups, channels, outputs) -> ConvTranspose:  # type: ignore[no-untyped-def]
    return ConvTranspose(
        inputs=("x",),
        output="y",
        weights=RNG.integers(-8, 8, (outputs, *kernel, channels // groups)),
        stride=stride,
        pads=pads,
        output_padding=output_padding,
        dilation=dilation,
        groups=groups,
    )


@pytest.mark.parametrize(("spatial", "rest"), [(s[0], s[1:]) for s in SHAPES])
def test_equals_onnxruntime(spatial: tuple[int, ...], rest: tuple) -> None:  # type: ignore[type-arg]
    op = made(*rest)
    x = RNG.integers(-128, 128, (3, *spatial, rest[-2]))
    expected = onnx(op, x)
    np.testing.assert_array_equal(op.run(x), expected)
    assert op.shape(x.shape[1:]) == expected.shape[1:]


@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize(("spatial", "rest"), [(s[0], s[1:]) for s in SHAPES])
def test_range_is_that_of_the_linear_map(spatial: tuple[int, ...], rest: tuple, positive: bool) -> None:  # type: ignore[type-arg]
    """Each output's extremes over a box of inputs follow from the matrix, whose columns are runs of unit frames."""
    op = made(*rest)
    channels = rest[-2]
    low = RNG.integers(2, 4, channels) if positive else RNG.integers(-4, 1, channels)
    high = RNG.integers(4, 9, channels) if positive else RNG.integers(0, 5, channels)
    inputs = np.eye(prod(spatial) * channels, dtype=np.int64).reshape(-1, *spatial, channels)
    matrix = op.run(inputs).reshape(*inputs.shape[1:], -1, rest[-1])
    ends = [matrix * end[:, None, None] for end in (low, high)]
    axes = tuple(range(len(spatial) + 1))
    lows, highs = np.minimum(*ends).sum(axes).min(0), np.maximum(*ends).sum(axes).max(0)
    claimed = op.range((low, high))
    assert (claimed[0] <= lows).all()
    assert (claimed[1] >= highs).all()
    if not positive:  # a tap outside the frame is an input of zero, which the box holds
        np.testing.assert_array_equal(claimed, (lows, highs))


def test_range_is_reached_where_no_tap_overlaps() -> None:
    op = made((2,), (2,), ((0, 0),), (0,), (1,), 1, 3, 4)
    low, high = np.array([1, -2, 3]), np.array([2, 5, 4])
    corners = np.array(list(product(*zip(low, high, strict=True))))
    y = op.run(corners[:, None])
    claimed = op.range((low, high))
    np.testing.assert_array_equal(claimed[0], y.min((0, 1)))
    np.testing.assert_array_equal(claimed[1], y.max((0, 1)))
