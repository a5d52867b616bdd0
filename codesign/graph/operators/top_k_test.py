"""The largest channels against onnxruntime's TopK and ArgMax, with many ties."""

from __future__ import annotations

import itertools

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from codesign.graph.operators.top_k import TopK


def onnx_run(op: str, x: np.ndarray, *constants: np.ndarray, **attributes: int) -> list[np.ndarray]:
    """Outputs of one ONNX node on int64."""
    names = [f"c{i}" for i in range(len(constants))]
    outputs = ["a", "b"] if op == "TopK" else ["a"]
    graph = helper.make_graph(
        [helper.make_node(op, ["x", *names], outputs, **attributes)],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.INT64, x.shape)],
        [helper.make_tensor_value_info(name, TensorProto.INT64, None) for name in outputs],
        [numpy_helper.from_array(c, n) for c, n in zip(constants, names, strict=True)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 9
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})


@pytest.mark.parametrize("k", [1, 3, 7])
@pytest.mark.parametrize("span", [2, 1000])
def test_equals_onnxruntime(k: int, span: int) -> None:
    x = np.random.default_rng(k).integers(-span, span, (4, 5, 7))
    values, indices = onnx_run("TopK", x, np.array([k]), axis=-1, largest=1, sorted=1)
    for found, expected in ((False, values), (True, indices)):
        op = TopK(inputs=("x",), output="y", k=k, indices=found)
        np.testing.assert_array_equal(op.run(x), expected)
        assert op.shape(x.shape[1:]) == expected.shape[1:]
    if k == 1:
        (expected,) = onnx_run("ArgMax", x, axis=-1, keepdims=1, select_last_index=0)
        np.testing.assert_array_equal(op.run(x), expected)


def test_the_range_is_what_is_reached() -> None:
    low, high = np.array([-2, 0, 1]), np.array([1, 3, 2])
    every = np.array(list(itertools.product(*(range(a, b + 1) for a, b in zip(low, high, strict=True)))))
    op = TopK(inputs=("x",), output="y", k=2, indices=False)
    y = op.run(every)
    found = op.range((low, high))
    assert (found[0].tolist(), found[1].tolist()) == (y.min(0).tolist(), y.max(0).tolist())
    indices = TopK(inputs=("x",), output="y", k=2, indices=True)
    assert [end.tolist() for end in indices.range((low, high))] == [[0, 0], [2, 2]]


def test_more_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="y must take 1 to 3 channels, not 4"):
        TopK(inputs=("x",), output="y", k=4, indices=True).shape((5, 3))
