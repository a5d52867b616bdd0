from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from codesign.graph import Operator
from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.sum_pool import SumPool

GEOMETRIES: list[tuple[tuple[int, ...], dict[str, Any]]] = [
    ((16,), {"kernel": (2,), "stride": (2,), "pads": ((0, 0),), "dilation": (1,)}),
    ((15,), {"kernel": (4,), "stride": (3,), "pads": ((1, 3),), "dilation": (1,)}),
    ((9,), {"kernel": (3,), "stride": (1,), "pads": ((2, 0),), "dilation": (3,)}),
    ((9,), {"kernel": (1,), "stride": (4,), "pads": ((0, 0),), "dilation": (1,)}),
    ((8, 7), {"kernel": (3, 3), "stride": (2, 2), "pads": ((1, 1), (1, 1)), "dilation": (1, 1)}),
    ((6, 9), {"kernel": (2, 3), "stride": (1, 2), "pads": ((0, 1), (2, 0)), "dilation": (2, 1)}),
    ((5, 5), {"kernel": (2, 2), "stride": (3, 3), "pads": ((0, 1), (0, 1)), "dilation": (1, 1)}),
    ((4, 6), {"kernel": (4, 6), "stride": (1, 1), "pads": ((0, 0), (0, 0)), "dilation": (1, 1)}),
]


def onnx_pool(kind: str, x: np.ndarray, geometry: dict[str, Any], **attributes: int) -> np.ndarray:
    """onnxruntime's pooling of the same integers as float32; channels first inside."""
    pads = geometry["pads"]
    node = helper.make_node(
        kind,
        ["x"],
        ["y"],
        kernel_shape=geometry["kernel"],
        strides=geometry["stride"],
        pads=[p[0] for p in pads] + [p[1] for p in pads],
        dilations=geometry["dilation"],
        **attributes,
    )
    first = np.moveaxis(x, -1, 1).astype(np.float32)
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name, dims in (("x", first.shape), ("y", None))
    ]
    graph = helper.make_graph([node], "g", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)])
    model.ir_version = 9
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {"x": first})
    return np.moveaxis(y, 1, -1)


@pytest.mark.parametrize(("shape", "geometry"), GEOMETRIES)
@pytest.mark.parametrize(("low", "high"), [(-128, 127), (-9, -3), (2, 15)])
def test_max_pool_equals_onnxruntime(shape: tuple[int, ...], geometry: dict[str, Any], low: int, high: int) -> None:
    x = np.random.default_rng(1).integers(low, high + 1, (3, *shape, 4))
    op = MaxPool(inputs=("x",), output="y", **geometry)
    expected = onnx_pool("MaxPool", x, geometry)
    np.testing.assert_array_equal(op.run(x), expected)
    assert op.shape(x.shape[1:]) == expected.shape[1:]
    assert op.run(x).dtype == np.int64


@pytest.mark.parametrize(("shape", "geometry"), GEOMETRIES)
def test_sum_pool_is_the_average_times_the_taps(shape: tuple[int, ...], geometry: dict[str, Any]) -> None:
    x = np.random.default_rng(2).integers(-128, 128, (3, *shape, 4))
    op = SumPool(inputs=("x",), output="y", **geometry)
    average = onnx_pool("AveragePool", x, geometry, count_include_pad=1)
    expected = average.astype(np.float64) * prod(geometry["kernel"])
    found = op.run(x)
    np.testing.assert_array_equal(found, np.rint(expected))
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert op.shape(x.shape[1:]) == found.shape[1:]


@pytest.mark.parametrize("kind", [MaxPool, SumPool])
@pytest.mark.parametrize("pads", [((0, 0),), ((1, 1),)])
@pytest.mark.parametrize(("low", "high"), [((-2, 0, 1), (1, 3, 2)), ((2, -5, 0), (3, -4, 0))])
def test_range_is_sound_and_reached(
    kind: type[Operator], pads: tuple[tuple[int, int]], low: tuple[int, ...], high: tuple[int, ...]
) -> None:
    op = kind(inputs=("x",), output="y", kernel=(2,), stride=(1,), pads=pads, dilation=(1,))  # type: ignore[call-arg]
    lows, highs = np.array(low), np.array(high)
    frames = np.stack([np.stack([a, b, b]) for a in (lows, highs) for b in (lows, highs)])
    y = op.run(frames)
    claimed = op.range((lows, highs))
    reached = y.min((0, 1)), y.max((0, 1))
    if kind is SumPool and pads != ((0, 0),):  # interval arithmetic allows a window of padding alone
        assert (claimed[0] <= reached[0]).all()
        assert (claimed[1] >= reached[1]).all()
        return
    np.testing.assert_array_equal(claimed, reached)


def test_what_fits_nowhere_is_said() -> None:
    geometry = {"stride": (1,), "dilation": (1,)}
    with pytest.raises(ValueError, match="sees only padding"):
        MaxPool(inputs=("x",), output="y", kernel=(2,), pads=((2, 0),), **geometry).shape((8, 3))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="does not fit"):
        SumPool(inputs=("x",), output="y", kernel=(9,), pads=((0, 0),), **geometry).shape((8, 3))  # type: ignore[arg-type]
    wide = SumPool(inputs=("x",), output="y", kernel=(2,), pads=((2, 0),), **geometry)  # type: ignore[arg-type]
    assert wide.run(np.full((1, 3, 1), 5))[0, :, 0].tolist() == [0, 5, 10, 10]
