"""QuantizeLinear, Clip, DequantizeLinear: against onnxruntime on the file as it stands, and both witnesses."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from codesign.errors import Refused
from codesign.graph import Conv
from codesign.ingest import ingest
from codesign.ingest.testing import Net
from codesign.ingest.verify import compare

RNG = np.random.default_rng(3)
TYPES = {
    "int8": TensorProto.INT8,
    "uint8": TensorProto.UINT8,
    "int16": TensorProto.INT16,
    "uint16": TensorProto.UINT16,
    "int4": TensorProto.INT4,
    "uint4": TensorProto.UINT4,
    "int32": TensorProto.INT32,
}


def store(net: Net, values: Any, kind: str) -> str:
    """A stored tensor of any integer type."""
    net.count += 1
    array = np.asarray(values)
    name = f"t{net.count}"
    net.stored.append(helper.make_tensor(name, TYPES[kind], array.shape, array.reshape(-1).tolist()))
    return name


def qdq(net: Net, x: str, scale: Any, zero: Any = 0, kind: str = "int8", clip: Any = None, **attributes: Any) -> str:
    stored = net.const(scale), store(net, np.broadcast_to(zero, np.shape(scale)), kind)
    y = net.op("QuantizeLinear", x, *stored, **attributes)
    if clip is not None:
        y = net.op("Clip", y, *(store(net, bound, kind) for bound in clip))
    return net.op("DequantizeLinear", y, *stored, **attributes)


def weights(
    net: Net, shape: tuple[int, ...], scale: Any, kind: str = "int8", zero: Any = None, **attributes: Any
) -> str:
    low, high = {"int8": (-127, 127), "int4": (-8, 7), "uint8": (0, 255), "int32": (-4000, 4000)}[kind]
    integers = RNG.integers(low, high, shape, endpoint=True)
    point = [] if zero is None else [store(net, np.broadcast_to(zero, np.shape(scale)), kind)]
    return net.op("DequantizeLinear", store(net, integers, kind), net.const(scale), *point, **attributes)


def unfused(path: Path) -> onnxruntime.InferenceSession:
    """The file itself; onnxruntime's fused integer operators leave out or merge roundings that the file has."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def assert_follows(net: Net, output: str, path: Path, count: int = 40, exact: bool = False) -> Any:
    """Both witnesses agree; with power-of-two scales (``exact``) so does onnxruntime on the file as it stands."""
    net.save_raw(output, path)
    graph, report = ingest(path, "m")
    x = (RNG.standard_normal((count, *net.shape[1:])) * 3).astype(np.float32)
    result = compare(graph, path, x, report)
    assert result.outputs > 100 and (result.float64_differences, result.unexplained) == (0, 0), result.first
    assert result.output_error < 1e-12
    session = unfused(path)
    own = np.concatenate([session.run(None, {"x": frame[None]})[0] for frame in x])
    if exact:
        np.testing.assert_array_equal(graph.infer(x), own)
    else:
        assert (np.abs(graph.infer(x) - own) > 1e-4 * np.abs(own).max()).mean() < 0.01
    return graph


@pytest.mark.parametrize("kind", ["int8", "uint8", "int16", "uint16", "int4", "uint4"])
@pytest.mark.parametrize("zero", [0, 3])
def test_activations_of_every_type_and_ties(tmp_path: Path, kind: str, zero: int) -> None:
    """Steps of a half in a scale of one: ties, which fall to the even quotient, not to the even integer."""
    net = Net((1, 4, 8), opset=21)
    x = qdq(net, "x", 0.5, zero, kind)
    half = net.op("Mul", x, net.const(0.5))
    if "16" in kind:  # alternating ties are no line: a table of 16 bits would be refused
        half = net.op("Clip", half, net.const(-50.0), net.const(50.0))
    y = qdq(net, half, 0.5, zero, kind)
    graph = assert_follows(net, y, tmp_path / "m.onnx", exact=True)
    ties = (np.arange(-16, 16).reshape(1, 4, 8) / 4).astype(np.float32)
    session = unfused(tmp_path / "m.onnx")
    np.testing.assert_array_equal(graph.infer(ties), session.run(None, {"x": ties})[0])


@pytest.mark.parametrize("exact", [True, False])
def test_a_network_with_scales_along_axes(tmp_path: Path, exact: bool) -> None:
    """As Brevitas exports it: narrow weights by Clip, int32 biases, activations of fewer bits by Clip."""
    step = 1.0 if exact else 1.0371
    net = Net((1, 4, 9, 9))
    x = qdq(net, "x", 0.0625 * step)
    scales = np.array([0.25, 0.5, 0.125, 0.5, 0.25, 1.0]) * step
    w = store(net, RNG.integers(-8, 8, (6, 4, 3, 3)), "int8")
    w = net.op("Clip", w, store(net, -7, "int8"), store(net, 7, "int8"))
    w = net.op("DequantizeLinear", w, net.const(scales), store(net, np.zeros(6, int), "int8"), axis=0)
    bias = weights(net, (6,), scales * 0.0625, "int32", axis=0)
    y = net.op("Conv", x, w, bias, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    y = qdq(net, net.op("Relu", y), 0.5 * step, 0, "uint8", clip=(0, 15))
    y = net.op("Flatten", y)
    w = weights(net, (5, 486), 0.125 * step)
    graph = assert_follows(net, net.op("Gemm", y, w, transB=1), tmp_path / "m.onnx", exact=exact)
    conv = next(op for op in graph.operators if isinstance(op, Conv))
    assert np.abs(conv.weights).max() == 7
    made = next(t for n, t in graph.tensors.items() if n.startswith("DequantizeLinear") and t.bits == 4)
    assert (int(made.low.min()), int(made.high.max())) == (0, 15)


def test_zero_points_and_narrow_types_of_weights(tmp_path: Path) -> None:
    net = Net((1, 4, 9), opset=21)
    x = qdq(net, "x", 0.0625, 128, "uint8")
    w = weights(net, (6, 4, 3), np.full(6, 0.25), "uint8", np.arange(120, 126), axis=0)
    y = qdq(net, net.op("Conv", x, w, kernel_shape=[3], pads=[1, 1]), 1.0, 100, "uint8")
    y = net.op("Conv", y, weights(net, (3, 6, 1), 0.5, "int4"), kernel_shape=[1])
    graph = assert_follows(net, y, tmp_path / "m.onnx", exact=True)
    assert graph.tensors[graph.input].low[0] == -128


def test_an_activation_with_a_scale_for_each_channel(tmp_path: Path) -> None:
    net = Net((1, 3, 20))
    x = qdq(net, "x", np.array([0.5, 0.25, 1.0]), axis=1)
    y = qdq(net, net.op("Mul", x, net.const(0.75)), np.array([0.5, 0.5, 1.0]), 0, "uint8", axis=1)
    assert_follows(net, y, tmp_path / "m.onnx", exact=True)


def test_stored_floats_are_quantized_as_onnxruntime_does(tmp_path: Path) -> None:
    net = Net((1, 4, 9))
    value = RNG.integers(-600, 600, (3, 4, 3)) / 8
    scale, zero = net.const(np.array([0.25, 0.5, 0.125])), store(net, [0, 0, 0], "int8")
    w = net.op("QuantizeLinear", net.const(value), scale, zero, axis=0)
    w = net.op("DequantizeLinear", w, scale, zero, axis=0)
    y = net.op("Conv", qdq(net, "x", 0.5), w, kernel_shape=[3])
    assert_follows(net, y, tmp_path / "m.onnx", exact=True)


def test_floats_before_the_first_quantizer(tmp_path: Path) -> None:
    net = Net((1, 4, 9))
    x = qdq(net, net.op("Sub", net.op("Mul", "x", net.const(2.0)), net.const(1.0)), 0.037)
    graph = assert_follows(net, x, tmp_path / "m.onnx")
    assert graph.head.thresholds is not None


def test_a_quantizer_read_twice(tmp_path: Path) -> None:
    net = Net((1, 4, 9))
    scale, zero = net.const(0.5), store(net, 0, "int8")
    q = net.op("QuantizeLinear", qdq(net, "x", 0.25), scale, zero)
    both = [net.op("DequantizeLinear", q, scale, zero) for _ in range(2)]
    assert_follows(net, net.op("Add", *both), tmp_path / "m.onnx", exact=True)


def moved_between(net: Net) -> str:
    scale, zero = net.const(0.5), store(net, 0, "int8")
    y = net.op("MaxPool", net.op("QuantizeLinear", "x", scale, zero), kernel_shape=[2])
    return net.op("DequantizeLinear", y, scale, zero)


def other_scale(net: Net) -> str:
    q = net.op("QuantizeLinear", "x", net.const(0.5), store(net, 0, "int8"))
    return net.op("DequantizeLinear", q, net.const(0.25), store(net, 0, "int8"))


def wide_bias(net: Net) -> str:
    w = weights(net, (3, 4, 1), 0.5)
    b = net.op("DequantizeLinear", store(net, [2**30, 1, 2], "int32"), net.const(0.5))
    return net.op("Conv", qdq(net, "x", 0.5), w, b, kernel_shape=[1])


REFUSED = {
    "between": (moved_between, r"MaxPool '.*stands between QuantizeLinear '.*only Clip"),
    "other scale": (other_scale, r"is not that of QuantizeLinear '"),
    "no end": (lambda n: n.op("QuantizeLinear", "x", n.const(0.5), store(n, 0, "int8")), "ends in QuantizeLinear"),
    "floats": (lambda n: n.op("DequantizeLinear", "x", n.const(0.5)), "what no QuantizeLinear made"),
    "zeros along an axis": (
        lambda n: qdq(n, "x", np.array([0.5, 0.5, 0.5, 0.5]), np.arange(4)),
        "zero point differs along an axis",
    ),
    "wrong axis": (lambda n: qdq(n, "x", np.array([0.5, 0.5])), "2 scales along the axis 1"),
    "zero scale": (lambda n: qdq(n, "x", 0.0), "scale holds a zero"),
    "clip of nothing": (lambda n: qdq(n, "x", 0.5, clip=(3, 1)), "min 3 is above its max 1"),
    "wide bias": (wide_bias, "more than 29 bits"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(tmp_path: Path, case: str) -> None:
    build, expected = REFUSED[case]
    net = Net((1, 4, 8))
    with pytest.raises(Refused, match=expected) as error:
        ingest(net.save_raw(build(net), tmp_path / "m.onnx"), "m")
    assert "for 1 reason:" in str(error.value)


def test_float8_is_refused(tmp_path: Path) -> None:
    net = Net((1, 4, 8), opset=21)
    zero = helper.make_tensor("z", TensorProto.FLOAT8E4M3FN, [], [0])
    net.stored.append(zero)
    net.op("QuantizeLinear", "x", net.const(0.5), "z")
    y = net.op("DequantizeLinear", net.nodes[-1].output[0], net.const(0.5), "z")
    onnx.save(net.model(y), str(tmp_path / "m.onnx"))
    with pytest.raises(Refused, match="quantizes to float8"):
        ingest(tmp_path / "m.onnx", "m")


def test_the_exact_value_of_a_bias(tmp_path: Path) -> None:
    """int32 times a float32 scale, kept without rounding."""
    net = Net((1, 2))
    scale = np.float32(0.1) * np.float32(0.3)
    w = weights(net, (1, 2), 0.1, "int8")
    b = net.op("DequantizeLinear", store(net, [123_456_789], "int32"), net.const([scale]), axis=0)
    y = net.op("Gemm", qdq(net, "x", 0.3), w, b, transB=1)
    graph, _ = ingest(net.save_raw(y, tmp_path / "m.onnx"), "m")
    assert graph.tail.offset[0] == float(Fraction(float(scale)) * 123_456_789)
