"""A QONNX model in float32 by onnxruntime, many frames at once, with the integers of every quantizer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from codesign.errors import UserError
from codesign.ingest.model import parse

QUANTIZERS = ("Quant", "IntQuant", "BipolarQuant")


class Network:
    """The model with each quantizer spelled out in ONNX operators, as QONNX executes it, and a free batch."""

    def __init__(self, path: Path) -> None:
        proto = parse(path)
        graph = proto.graph
        stored = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        stored |= {n.output[0]: numpy_helper.to_array(n.attribute[0].t) for n in graph.node if _is_tensor(n)}
        inputs = [i for i in graph.input if i.name not in stored]
        self.input, self.output = inputs[0].name, graph.output[0].name
        self.integers: list[str] = []
        nodes, extra = [], list(graph.initializer)
        moving = {self.input}
        for node in graph.node:
            if moving & set(node.input):
                moving.add(node.output[0])
            if node.op_type in QUANTIZERS:
                nodes += _spelled(node, stored, extra)
                self.integers += [node.output[0]] if node.input[0] in moving else []
            elif node.op_type == "Reshape" and node.input[0] in moving:
                nodes.append(_free_batch(node, stored[node.input[1]], extra))
            else:
                nodes.append(node)
        shape = ["N", *(d.dim_value for d in inputs[0].type.tensor_type.shape.dim[1:])]
        wanted = [self.output, *(f"{name}/integers" for name in self.integers)]
        made = helper.make_graph(
            nodes,
            "float32",
            [helper.make_tensor_value_info(self.input, onnx.TensorProto.FLOAT, shape)],
            [onnx.ValueInfoProto(name=name) for name in wanted],
            extra,
        )
        opsets = [o for o in proto.opset_import if o.domain in ("", "ai.onnx")]
        model = helper.make_model(made, opset_imports=opsets, ir_version=min(proto.ir_version, 10))
        self._session = _session(model, path)

    def run(self, x: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Run frames ``x`` (float32 [N, ...]): (every quantizer's integers as int64, the model's output)."""
        names = [self.output, *(f"{name}/integers" for name in self.integers)]
        values = self._session.run(names, {self.input: np.asarray(x, np.float32)})
        return {n: v.astype(np.int64) for n, v in zip(self.integers, values[1:], strict=True)}, values[0]


def _session(model: onnx.ModelProto, path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    # A fused BatchNormalization rounds otherwise than the model as it stands.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own classes derive from Exception alone
        raise UserError(f"{path} does not run in onnxruntime ({error}): check the model.") from error


def _is_tensor(node: onnx.NodeProto) -> bool:
    return node.op_type == "Constant" and node.attribute[0].type == onnx.AttributeProto.TENSOR


def _free_batch(node: onnx.NodeProto, shape: np.ndarray, extra: list[onnx.TensorProto]) -> onnx.NodeProto:
    name = f"{node.output[0]}/shape"
    extra.append(numpy_helper.from_array(np.array([0, *shape.reshape(-1)[1:]], np.int64), name))
    return helper.make_node("Reshape", [node.input[0], name], list(node.output))


def _spelled(
    node: onnx.NodeProto, stored: dict[str, np.ndarray], extra: list[onnx.TensorProto]
) -> list[onnx.NodeProto]:
    """A quantizer as Div, Add, clamp, round, Sub, Mul."""
    base = node.output[0]
    nodes: list[onnx.NodeProto] = []
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}

    def const(value: float) -> str:
        name = f"{base}/c{len(extra)}"
        extra.append(numpy_helper.from_array(np.float32(value), name))
        return name

    def op(kind: str, *inputs: str, output: str = "") -> str:
        name = output or f"{base}/{len(nodes)}"
        nodes.append(helper.make_node(kind, list(inputs), [name]))
        return name

    integers, scale = f"{base}/integers", node.input[1]
    y = op("Div", node.input[0], scale)
    bipolar = node.op_type == "BipolarQuant"
    if not bipolar:
        zero, bits = node.input[2], float(stored[node.input[3]].reshape(-1)[0])
        y = op("Add", y, zero)
        bipolar = bits == 1 and bool(attributes.get("signed", 1))
    if bipolar:
        op("Where", op("Not", op("Less", y, const(0))), const(1), const(-1), output=integers)
        op("Mul", integers, scale, output=base)
        return nodes
    signed, narrow = attributes.get("signed", 1), attributes.get("narrow", 0)
    low = -(2 ** (bits - 1)) + narrow if signed else 0
    high = 2 ** (bits - 1) - 1 if signed else 2**bits - 1 - narrow
    y = op("Max", op("Min", y, const(high)), const(low))
    mode = attributes.get("rounding_mode", b"ROUND").decode().upper()
    direct = {"ROUND": "Round", "HALF_EVEN": "Round", "FLOOR": "Floor", "CEIL": "Ceil"}
    if mode in direct:
        y = op(direct[mode], y)
    else:  # the others round the magnitude
        size = op("Abs", y)
        if mode in ("HALF_UP", "HALF_DOWN"):
            size = op("Add", size, const(0.5 if mode == "HALF_UP" else -0.5))
        size = op("Ceil" if mode in ("UP", "HALF_DOWN") else "Floor", size)
        y = op("Mul", op("Sign", y), size)
    op("Sub", y, zero, output=integers)
    op("Mul", integers, scale, output=base)
    return nodes
