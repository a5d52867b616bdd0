from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from codesign.graph.operators.pad import Pad


def onnx_pad(x: np.ndarray, pads: tuple[tuple[int, int], ...], value: int) -> np.ndarray:
    """onnxruntime's Pad on int64; channels first inside."""
    first = np.moveaxis(x, -1, 1)
    amounts = np.array([0, 0, *(p[0] for p in pads), 0, 0, *(p[1] for p in pads)], np.int64)
    constants = [
        helper.make_tensor("pads", TensorProto.INT64, amounts.shape, amounts),
        helper.make_tensor("value", TensorProto.INT64, (), [value]),
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.INT64, dims) for name, dims in (("x", first.shape), ("y", None))
    ]
    node = helper.make_node("Pad", ["x", "pads", "value"], ["y"])
    graph = helper.make_graph([node], "g", ends[:1], ends[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 9
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {"x": first})
    return np.moveaxis(y, 1, -1)


@pytest.mark.parametrize(
    ("shape", "pads", "value"),
    [((7,), ((2, 3),), 0), ((7,), ((0, 9),), -4), ((3, 4), ((1, 0), (0, 2)), 5), ((3, 4), ((5, 4), (6, 0)), -1)],
)
def test_equals_onnxruntime(shape: tuple[int, ...], pads: tuple[tuple[int, int], ...], value: int) -> None:
    x = np.random.default_rng(3).integers(-8, 8, (3, *shape, 5))
    op = Pad(inputs=("x",), output="y", pads=pads, value=value)
    expected = onnx_pad(x, pads, value)
    np.testing.assert_array_equal(op.run(x), expected)
    assert op.shape(x.shape[1:]) == expected.shape[1:]


def test_range_has_the_value_where_there_is_padding() -> None:
    low, high = np.array([-2, 3]), np.array([1, 4])
    claimed = Pad(inputs=("x",), output="y", pads=((0, 1),), value=2).range((low, high))
    assert [bound.tolist() for bound in claimed] == [[-2, 2], [2, 4]]
    none = Pad(inputs=("x",), output="y", pads=((0, 0),), value=9).range((low, high))
    assert [bound.tolist() for bound in none] == [[-2, 3], [1, 4]]


def test_a_negative_pad_is_said() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        Pad(inputs=("x",), output="y", pads=((0, -1),)).shape((8, 3))
