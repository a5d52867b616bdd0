"""Running sums against onnxruntime's CumSum; the range against all frames of a small one."""

from __future__ import annotations

import itertools

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from codesign.graph.examples import Builder
from codesign.graph.graph import IntegerGraph
from codesign.graph.operators.cum_sum import CumSum


def onnx_cum_sum(x: np.ndarray, axis: int, exclusive: bool) -> np.ndarray:
    """onnxruntime's sums of the same integers, channels first inside; ``axis`` is a spatial one from 0."""
    first = np.ascontiguousarray(np.moveaxis(x, -1, 1))
    graph = helper.make_graph(
        [helper.make_node("CumSum", ["x", "axis"], ["y"], exclusive=int(exclusive))],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.INT64, first.shape)],
        [helper.make_tensor_value_info("y", TensorProto.INT64, None)],
        [numpy_helper.from_array(np.array(axis + 2), "axis")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
    model.ir_version = 9
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.moveaxis(session.run(None, {"x": first})[0], 1, -1)


@pytest.mark.parametrize(
    ("shape", "axis"), [((7, 3), 0), ((1, 4), 0), ((5, 4, 3), 0), ((5, 4, 3), 1), ((2, 3, 4, 2), 1)]
)
@pytest.mark.parametrize("exclusive", [False, True])
def test_equals_onnxruntime(shape: tuple[int, ...], axis: int, exclusive: bool) -> None:
    x = np.random.default_rng(len(shape)).integers(-(2**20), 2**20, (4, *shape))
    op = CumSum(inputs=("x",), output="y", axis=axis, size=shape[axis], exclusive=exclusive)
    np.testing.assert_array_equal(op.run(x), onnx_cum_sum(x, axis, exclusive))
    assert op.run(x).dtype == np.int64
    assert op.shape(shape) == shape


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize(("low", "high"), [(-2, 1), (1, 3), (-3, -2), (0, 2)])
def test_the_range_is_what_is_reached(low: int, high: int, size: int, exclusive: bool) -> None:
    every = np.array(list(itertools.product(range(low, high + 1), repeat=size)))[:, :, None]
    op = CumSum(inputs=("x",), output="y", axis=0, size=size, exclusive=exclusive)
    y = op.run(every)
    found = op.range((np.array([low]), np.array([high])))
    assert (found[0].tolist(), found[1].tolist()) == ([y.min()], [y.max()])


def test_a_channels_range_is_its_own() -> None:
    low, high = CumSum(inputs=("x",), output="y", axis=0, size=3).range((np.array([-1, 2]), np.array([0, 5])))
    assert (low.tolist(), high.tolist()) == ([-3, 2], [0, 15])


def test_is_saved_and_loaded(tmp_path) -> None:  # type: ignore[no-untyped-def]
    b = Builder((3, 4, 2), -4, 3)
    graph = b.graph(b.append(CumSum(inputs=("x",), output="y", axis=1, size=4, exclusive=True)))
    graph.save(tmp_path)
    x = b.frames(3)
    np.testing.assert_array_equal(IntegerGraph.load(tmp_path).run(x), graph.run(x))


def test_an_axis_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="axis must be one of 1 spatial axes from 0, not 1"):
        CumSum(inputs=("x",), output="y", axis=1, size=3).shape((5, 3))
    with pytest.raises(ValueError, match="size must be 5, not 3"):
        CumSum(inputs=("x",), output="y", axis=0, size=3).shape((5, 3))
