"""Operators that move integers and compute nothing, against onnxruntime; their ranges against all corners."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from codesign.graph import Operator
from codesign.graph.examples import Builder
from codesign.graph.graph import IntegerGraph
from codesign.graph.operators.channel_shuffle import ChannelShuffle
from codesign.graph.operators.concat import Concat
from codesign.graph.operators.expand import Expand
from codesign.graph.operators.slice import Slice
from codesign.graph.operators.transpose import Transpose
from codesign.graph.operators.upsample import Upsample

RNG = np.random.default_rng(11)


def frames(*shape: int) -> np.ndarray:
    return RNG.integers(-128, 128, shape)


def onnx(kind: str, xs: list[np.ndarray], constants: Sequence[np.ndarray | None] = (), **attributes) -> np.ndarray:  # type: ignore[no-untyped-def]
    """onnxruntime's ``kind`` on the same integers as float32."""
    names = [f"x{i}" for i in range(len(xs))]
    given = [c if c is None else numpy_helper.from_array(c, f"c{i}") for i, c in enumerate(constants)]
    node = helper.make_node(kind, names + ["" if c is None else c.name for c in given], ["y"], **attributes)
    infos = [helper.make_tensor_value_info(n, TensorProto.FLOAT, x.shape) for n, x in zip(names, xs, strict=True)]
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph([node], "g", infos, [out], [c for c in given if c is not None])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 9
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {n: x.astype(np.float32) for n, x in zip(names, xs, strict=True)})[0].astype(np.int64)


def first(x: np.ndarray) -> np.ndarray:
    return np.moveaxis(x, -1, 1)


def last(x: np.ndarray) -> np.ndarray:
    return np.moveaxis(x, 1, -1)


def same(op: Operator, expected: np.ndarray, *x: np.ndarray) -> None:
    np.testing.assert_array_equal(op.run(*x), expected)
    assert op.shape(*(a.shape[1:] for a in x)) == expected.shape[1:]


@pytest.mark.parametrize(("shape", "factors"), [((5,), (3,)), ((3, 4), (2, 3)), ((3, 4), (1, 2))])
def test_upsample(shape: tuple[int, ...], factors: tuple[int, ...]) -> None:
    x = frames(2, *shape, 3)
    how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    expected = onnx("Resize", [first(x)], [None, np.array((1, 1, *factors), np.float32)], **how)
    same(Upsample(inputs=("x",), output="y", factors=factors), last(expected), x)


@pytest.mark.parametrize(("shape", "to"), [((1, 1, 3), (4, 2, 3)), ((4, 5, 1), (4, 5, 6)), ((1,), (3,))])
def test_expand(shape: tuple[int, ...], to: tuple[int, ...]) -> None:
    x = frames(2, *shape)
    same(Expand(inputs=("x",), output="y", to=to), onnx("Expand", [x], [np.array((2, *to))]), x)
    with pytest.raises(ValueError, match="cannot do so"):
        Expand(inputs=("x",), output="y", to=to).shape((*to[:-1], to[-1] + 1))


@pytest.mark.parametrize("axis", [-1, -2, -3])
def test_concat(axis: int) -> None:
    shapes = [[2, 3, 4, 5] for _ in range(3)]
    shapes[1][axis], shapes[2][axis] = 1, 7
    xs = [frames(*s) for s in shapes]
    same(Concat(inputs=("x", "y", "z"), output="o", axis=axis), onnx("Concat", xs, axis=axis), *xs)


def test_concat_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="differ there only"):
        Concat(inputs=("x", "y"), output="o", axis=-1).shape((3, 2), (4, 2))
    with pytest.raises(ValueError, match="counted from the frame's end"):
        Concat(inputs=("x", "y"), output="o", axis=1)


@pytest.mark.parametrize(
    ("starts", "stops", "steps"),
    [((0, 1, 2), (5, 4, 6), (1, 1, 1)), ((1, 0, 0), (5, 6, 6), (2, 3, 4)), ((2, 0, 5), (3, 99, 6), (1, 5, 1))],
)
def test_slice(starts: tuple[int, ...], stops: tuple[int, ...], steps: tuple[int, ...]) -> None:
    x = frames(2, 5, 6, 6)
    bounds = [np.array(v) for v in (starts, stops, (1, 2, 3), steps)]
    same(Slice(inputs=("x",), output="y", starts=starts, stops=stops, steps=steps), onnx("Slice", [x], bounds), x)


def test_slice_refuses_what_leaves_nothing() -> None:
    with pytest.raises(ValueError, match="leaves nothing"):
        Slice(inputs=("x",), output="y", starts=(3, 0), stops=(9, 1), steps=(1, 1)).shape((3, 1))


@pytest.mark.parametrize("axes", [(1, 0, 2), (2, 0, 1), (3, 1, 0, 2), (4, 5, 2, 3, 1, 0)])
def test_transpose(axes: tuple[int, ...]) -> None:
    x = frames(2, *range(2, 2 + len(axes)))
    same(Transpose(inputs=("x",), output="y", axes=axes), onnx("Transpose", [x], perm=[0, *(a + 1 for a in axes)]), x)
    with pytest.raises(ValueError, match="permutation"):
        Transpose(inputs=("x",), output="y", axes=(0, 0)).shape((2, 2))


def test_channel_shuffle_is_reshape_transpose_reshape() -> None:
    x, groups = frames(2, 3, 6), 3
    order = np.array([g * 2 + i for i in range(2) for g in range(groups)])
    shuffled = onnx("Transpose", [first(x).reshape(2, groups, 2, 3)], perm=[0, 2, 1, 3]).reshape(2, 6, 3)
    same(ChannelShuffle(inputs=("x",), output="y", order=order), last(shuffled), x)
    with pytest.raises(ValueError, match="permutation"):
        ChannelShuffle(inputs=("x",), output="y", order=np.array([0, 0])).shape((2,))


ONE = {"inputs": ("x",), "output": "z"}
RANGES: list[Operator] = [
    Upsample(**ONE, factors=(2,)),  # type: ignore[arg-type]
    Expand(**ONE, to=(2, 3)),  # type: ignore[arg-type]
    Slice(**ONE, starts=(1, 0), stops=(2, 3), steps=(1, 2)),  # type: ignore[arg-type]
    ChannelShuffle(**ONE, order=np.array([2, 0, 1])),  # type: ignore[arg-type]
    Transpose(**ONE, axes=(0, 1)),  # type: ignore[arg-type]
    Concat(inputs=("x", "y"), output="z", axis=-1),
    Concat(inputs=("x", "y"), output="z", axis=-2),
]


@pytest.mark.parametrize("op", RANGES, ids=lambda op: type(op).__name__)
def test_range_is_reached_exactly(op: Operator) -> None:
    """Each channel's range is that of the integers that may stand there."""
    low, high = np.array([-2, 0, 1]), np.array([1, 3, 2])
    corners = np.array(list(product(*zip(low, high, strict=True))))
    x = np.repeat(corners[:, None], 2, 1)
    others = [x[::-1] - 5] if len(op.inputs) == 2 else []
    y = op.run(x, *others)
    claimed = op.range(*[(low, high), (low - 5, high - 5)][: len(op.inputs)])
    axes = tuple(range(y.ndim - 1))
    np.testing.assert_array_equal(claimed[0], y.min(axes))
    np.testing.assert_array_equal(claimed[1], y.max(axes))


def test_a_transposed_channel_shares_one_range() -> None:
    low, high = Transpose(inputs=("x",), output="y", axes=(1, 0)).range((np.array([-2, 0]), np.array([1, 3])))
    assert (low.tolist(), high.tolist()) == ([-2], [3])


def test_a_graph_of_all_of_them_is_saved_and_read(tmp_path) -> None:  # type: ignore[no-untyped-def]
    b = Builder((2, 3, 4), -3, 4)
    up = b.append(Upsample(inputs=("x",), output="up", factors=(2, 1)))
    part = b.append(Slice(inputs=(up,), output="part", starts=(1, 0, 1), stops=(4, 3, 4), steps=(1, 2, 1)))
    both = b.append(Concat(inputs=(part, part), output="both", axis=-1))
    mixed = b.append(ChannelShuffle(inputs=(both,), output="mixed", order=np.array([5, 1, 3, 0, 2, 4])))
    turned = b.append(Transpose(inputs=(mixed,), output="turned", axes=(2, 0, 1)))
    graph = b.graph(turned)
    graph.save(tmp_path)
    x = b.frames(3)
    np.testing.assert_array_equal(IntegerGraph.load(tmp_path).run(x), graph.run(x))
