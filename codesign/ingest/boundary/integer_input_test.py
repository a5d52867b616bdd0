"""Inputs declared as integers: by the tensor's type, an annotation, the caller; and what follows from each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from codesign.errors import Refused, UserError
from codesign.graph import Conv
from codesign.ingest import ingest
from codesign.ingest.boundary.integer_input import name_of, range_of
from codesign.ingest.testing import Net
from codesign.ingest.verify import compare

RNG = np.random.default_rng(5)


def pixels(net: Net, count: int = 60) -> np.ndarray:
    return RNG.integers(0, 256, (count, *net.shape[1:])).astype(np.float32)


def network(net: Net, x: str) -> str:
    """Scale and offset, the first quantizer, and a layer."""
    y = net.op("Sub", net.op("Mul", x, net.const(2 / 255)), net.const(np.array([1.0, 0.9, 1.1]).reshape(3, 1, 1)))
    y = net.quant(y, 0.017, 8)
    return net.op("Conv", y, net.weights(RNG.standard_normal((4, 3, 3, 3))), kernel_shape=[3, 3], pads=[1, 1, 1, 1])


def typed(net: Net, output: str, path: Path, kind: int = TensorProto.UINT8, note: str = "") -> Path:
    model = net.model(output)
    model.graph.input[0].type.tensor_type.elem_type = kind
    if note:
        entry = model.graph.quantization_annotation.add(tensor_name="x")
        entry.quant_parameter_tensor_names.add(key="finn_datatype", value=note)
    onnx.save(model, str(path))
    return path


@pytest.mark.parametrize("how", ["type", "annotation", "caller"])
def test_declared_pixels_take_the_head_away(tmp_path: Path, how: str) -> None:
    net = Net((1, 3, 6, 6))
    x = net.op("Cast", "x", to=TensorProto.FLOAT) if how == "type" else "x"
    kind = TensorProto.UINT8 if how == "type" else TensorProto.FLOAT
    path = typed(net, network(net, x), tmp_path / "m.onnx", kind, "UINT8" if how == "annotation" else "")
    graph, report = ingest(path, "m", input_type="uint8" if how == "caller" else None)
    assert graph.head.integer and (graph.head.low, graph.head.high) == (0, 255)
    assert report.head.form == "integer" and len(report.segments) == 1, "scale and offset are a segment in hardware"
    tensor = graph.tensors[graph.input]
    assert (int(tensor.low[0]), int(tensor.high[0]), float(tensor.scale[0])) == (0, 255, 1.0)
    frames = pixels(net)
    result = compare(graph, path, frames, report)
    assert result.outputs == 60 * 108 and result.exact and result.float64_differences == 0, result.first
    assert result.output_error < 1e-12
    assert compare(graph, path, frames).exact, "the declaration is found again from the graph"


def test_a_convolution_reads_pixels(tmp_path: Path) -> None:
    net = Net((1, 3, 6, 6))
    w = net.weights(RNG.standard_normal((4, 3, 3, 3)), 0.25)
    y = net.op("Conv", net.op("Cast", "x", to=TensorProto.FLOAT), w, kernel_shape=[3, 3])
    path = typed(net, net.quant(net.op("Relu", y), 4.0, 4, 0), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    assert isinstance(graph.operators[0], Conv) and graph.operators[0].inputs == ("x",)
    assert compare(graph, path, pixels(net), report).exact


def test_a_quantized_input_of_qdq(tmp_path: Path) -> None:
    """uint8 into a DequantizeLinear, as quantized models take it; against onnxruntime on the file itself."""
    net = Net((1, 3, 6, 6))
    net.stored.append(helper.make_tensor("z", TensorProto.UINT8, [], [7]))
    x = net.op("DequantizeLinear", "x", net.const(0.5), "z")
    y = net.op("Conv", x, net.weights(RNG.standard_normal((4, 3, 3, 3)), 0.25), kernel_shape=[3, 3])
    net.stored.append(helper.make_tensor("z8", TensorProto.INT8, [], [0]))
    scale = net.const(8.0)
    y = net.op("DequantizeLinear", net.op("QuantizeLinear", y, scale, "z8"), scale, "z8")
    path = typed(net, y, tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    frames = pixels(net)
    assert compare(graph, path, frames, report).exact


def test_a_first_quantizer_on_integers_costs_nothing_in_software(tmp_path: Path) -> None:
    net = Net((1, 4))
    path = net.save_raw(net.quant("x", 0.7, 4), tmp_path / "m.onnx")
    graph, report = ingest(path, "m", input_type="int4")
    assert graph.head.integer and report.segments[0].input_range == (-8, 7)
    x = RNG.integers(-8, 8, (100, 4)).astype(np.float32)
    assert compare(graph, path, x, report).exact


@pytest.mark.parametrize(
    ("name", "ends"),
    [("uint8", (0, 255)), ("INT4", (-8, 7)), ("BIPOLAR", (-1, 1)), ("BINARY", (0, 1)), ("float32", None)],
)
def test_types(name: str, ends: Any) -> None:
    assert range_of(name) == ends
    if ends is not None:
        assert range_of(name_of(*ends)) == ends


@pytest.mark.parametrize("name", ["uint99", "int0", "char", "", "uint8x"])
def test_a_declaration_that_is_no_type(tmp_path: Path, name: str) -> None:
    net = Net((1, 4))
    path = net.save_raw(net.quant("x", 0.7, 4), tmp_path / "m.onnx")
    with pytest.raises(UserError, match=rf"input type '{name}' is unknown: it must be float32"):
        ingest(path, "m", input_type=name)


@pytest.mark.parametrize(
    ("kind", "note", "declared", "expected"),
    [
        (TensorProto.UINT8, "", "int8", "it is uint8 in the file, but declared as int8"),
        (TensorProto.INT8, "UINT8", None, "it is int8 in the file, but declared as UINT8"),
        (TensorProto.INT64, "", None, "int64, wider than 16 bits.*--input-type uint8"),
        (TensorProto.FLOAT, "WHATEVER9", None, "its data type is WHATEVER9"),
        (TensorProto.STRING, "", None, "its type is string"),
        (TensorProto.BOOL, "", None, "its type is bool"),
        (TensorProto.DOUBLE, "", None, "its type is double"),
    ],
)
def test_declarations_that_contradict(tmp_path: Path, kind: int, note: str, declared: Any, expected: str) -> None:
    net = Net((1, 3, 6, 6))
    path = typed(net, network(net, "x"), tmp_path / "m.onnx", kind, note)
    with pytest.raises(Refused, match=f"input 'x': .*{expected}"):
        ingest(path, "m", input_type=declared)


@pytest.mark.parametrize(
    ("to", "ok"), [(TensorProto.INT32, True), (TensorProto.UINT8, True), (TensorProto.INT8, False)]
)
def test_casts_between_integers(tmp_path: Path, to: int, ok: bool) -> None:
    net = Net((1, 3, 6, 6))
    x = net.op("Cast", net.op("Cast", "x", to=to), to=TensorProto.FLOAT)
    path = typed(net, network(net, x), tmp_path / "m.onnx")
    if to == TensorProto.INT8:
        with pytest.raises(Refused, match="values from 0 to 255 do not fit int8"):
            ingest(path, "m")
        return
    graph, report = ingest(path, "m")
    assert compare(graph, path, pixels(net), report).exact


@pytest.mark.parametrize(
    ("to", "expected"), [(TensorProto.INT32, "rounds real numbers to int32"), (TensorProto.STRING, "casts to string")]
)
def test_casts_that_are_refused(tmp_path: Path, to: int, expected: str) -> None:
    net = Net((1, 4))
    y = net.op("Cast", net.quant("x", 0.7, 4), to=to)
    with pytest.raises(Refused, match=expected):
        ingest(net.save_raw(net.quant(y, 0.7, 4), tmp_path / "m.onnx"), "m")


@pytest.mark.parametrize("kind", [TensorProto.UINT8, TensorProto.FLOAT])
def test_integers_need_no_quantizer(tmp_path: Path, kind: int) -> None:
    """A network of integer operators alone, of integers that are declared; of floats it is no quantized network."""
    net = Net((1, 3, 8))
    path = typed(
        net, net.op("MaxPool", net.op("Cast", "x", to=TensorProto.FLOAT), kernel_shape=[2]), tmp_path / "m.onnx", kind
    )
    if kind == TensorProto.FLOAT:
        with pytest.raises(UserError, match="holds no quantizer"):
            ingest(path, "m")
    graph, _ = ingest(path, "m", input_type="uint8")
    x = np.random.default_rng(0).integers(0, 256, (5, 3, 8))
    np.testing.assert_array_equal(graph.infer(x.astype(np.float32)), np.maximum(x[:, :, :-1], x[:, :, 1:]))
