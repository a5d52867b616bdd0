"""A QONNX model in float32 by onnxruntime, many frames at once, with the integers of every quantizer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from codesign.errors import UserError
from codesign.ingest import spelled
from codesign.ingest.file.model import parse

SHAPED = {"Reshape": 1, "Expand": 1, "Resize": 3, "Tile": 1}
"""Operators with an operand that holds a whole shape, batch included, and its place."""


class Network:
    """The model with each QONNX quantizer spelled out in ONNX operators, as QONNX executes it, and a free batch."""

    def __init__(self, path: Path) -> None:
        proto = parse(path)
        graph = proto.graph
        stored = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        stored |= {n.output[0]: numpy_helper.to_array(n.attribute[0].t) for n in graph.node if _is_tensor(n)}
        given = next(i for i in graph.input if i.name not in stored)
        self.input, self.output = given.name, graph.output[0].name
        self.type = helper.tensor_dtype_to_np_dtype(given.type.tensor_type.elem_type)
        self.integers: list[str] = []
        nodes, extra = [], list(graph.initializer)
        moving, waiting = {self.input}, dict[str, int]()
        for node in graph.node:
            moves = bool(moving & set(node.input))
            if moves:
                moving.update(node.output)
            if moves and (node.op_type in spelled.QUANTIZERS or node.op_type == "DequantizeLinear"):
                self.integers.append(node.output[0])
            nodes += _nodes(node, stored, extra, waiting) if moves or node.op_type in spelled.QUANTIZERS else [node]
        shape = ["N", *(d.dim_value for d in given.type.tensor_type.shape.dim[1:])]
        wanted = [self.output, *(f"{name}/integers" for name in self.integers)]
        if max((o.version for o in proto.opset_import if o.domain in ("", "ai.onnx")), default=1) < 11:
            nodes = [made for node in nodes for made in _rounded_by_adding(node, extra)]
        made = helper.make_graph(
            nodes,
            "float32",
            [helper.make_tensor_value_info(self.input, given.type.tensor_type.elem_type, shape)],
            [onnx.ValueInfoProto(name=name) for name in wanted],
            extra,
        )
        opsets = [o for o in proto.opset_import if o.domain in ("", "ai.onnx")]
        model = helper.make_model(made, opset_imports=opsets, ir_version=min(proto.ir_version, 11))
        self._session = _session(model, path)

    def run(self, x: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Run frames ``x`` (float32 [N, ...]): (every quantizer's integers as int64, the model's output)."""
        names = [self.output, *(f"{name}/integers" for name in self.integers)]
        values = self._session.run(names, {self.input: np.asarray(x).astype(self.type)})
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


def _nodes(
    node: onnx.NodeProto, stored: dict[str, np.ndarray], extra: list[onnx.TensorProto], waiting: dict[str, int]
) -> list[onnx.NodeProto]:
    """What stands for a node; ``waiting`` is kept: element types between QuantizeLinear and DequantizeLinear."""
    if node.op_type in spelled.QUANTIZERS:
        return spelled.quantizer(node, stored, extra)
    if node.op_type == "DequantizeLinear":
        return spelled.dequantizer(node, stored, extra)
    if node.op_type == "QuantizeLinear":
        waiting[node.output[0]] = _made_type(node, stored)
    elif node.input[0] in waiting:
        waiting[node.output[0]] = waiting[node.input[0]]
        if node.op_type == "Clip":
            return spelled.integer_clip(node, stored, extra, waiting[node.input[0]])
    if node.op_type == "Slice":
        return [_whole_batch(node, stored, extra)]
    return _free_batch(node, stored, extra) if node.op_type in SHAPED else [node]


def _rounded_by_adding(node: onnx.NodeProto, extra: list[onnx.TensorProto]) -> list[onnx.NodeProto]:
    """Round, which ONNX has since opset 11: beyond 2**23 float32 has no fractions, and halves go to the even number."""
    if node.op_type != "Round":
        return [node]
    w = spelled.Writer(f"{node.output[0]}/rounded", extra)
    large = w.const(1.5 * 2.0**23)
    w.op("Sub", w.op("Add", node.input[0], large), large, output=node.output[0])
    return w.nodes


def _whole_batch(node: onnx.NodeProto, stored: dict[str, np.ndarray], extra: list[onnx.TensorProto]) -> onnx.NodeProto:
    """A slice that takes the one frame of the batch takes all of them."""
    if len(node.input) < 3 or node.input[2] not in stored:
        return node
    ends = stored[node.input[2]].astype(np.int64)
    axes = stored.get(node.input[3]) if len(node.input) > 3 and node.input[3] else np.arange(len(ends))
    if axes is None or 0 not in axes:
        return node
    made, name = onnx.NodeProto(), f"{node.output[0]}/ends"
    made.CopyFrom(node)
    made.input[2] = name
    extra.append(numpy_helper.from_array(np.where(axes == 0, np.iinfo(np.int64).max, ends), name))
    for i in (1, 3, 4):  # all of one type
        if len(node.input) > i and stored[node.input[i]].dtype != np.int64:
            extra.append(numpy_helper.from_array(stored[node.input[i]].astype(np.int64), f"{name}/{i}"))
            made.input[i] = f"{name}/{i}"
    return made


def _made_type(node: onnx.NodeProto, stored: dict[str, np.ndarray]) -> int:
    """The element type that a QuantizeLinear makes."""
    if len(node.input) > 2 and node.input[2]:
        return helper.np_dtype_to_tensor_dtype(stored[node.input[2]].dtype)
    return next((a.i for a in node.attribute if a.name == "output_dtype" and a.i), TensorProto.UINT8)


def _free_batch(
    node: onnx.NodeProto, stored: dict[str, np.ndarray], extra: list[onnx.TensorProto]
) -> list[onnx.NodeProto]:
    """The node with a shape that leaves the batch as it is."""
    place = SHAPED[node.op_type]
    if len(node.input) <= place or node.input[place] not in stored:
        return [node]
    shape = stored[node.input[place]].reshape(-1).astype(np.int64)
    keep = {"Reshape": 0, "Expand": 1, "Tile": 1}  # 0: as it stands; 1: once
    if node.op_type in keep:
        shape[0] = keep[node.op_type]
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute if a.name != "allowzero"}
    w = spelled.Writer(f"{node.output[0]}/free", extra)
    name = f"{node.output[0]}/shape"
    if node.op_type == "Resize" and 0 in attributes.get("axes", [0]):
        batch = w.op("Slice", w.op("Shape", node.input[0]), *(_integers(w, [n]) for n in (0, 1)))
        name = w.op("Concat", batch, _integers(w, shape[1:].tolist()), axis=0)
    elif node.op_type == "Resize":
        return [node]
    else:
        extra.append(numpy_helper.from_array(shape, name))
    inputs = [*node.input[:place], name, *node.input[place + 1 :]]
    return [*w.nodes, helper.make_node(node.op_type, inputs, list(node.output), **attributes)]


def _integers(w: spelled.Writer, values: list[int]) -> str:
    name = f"{w.base}/i{len(w.extra)}"
    w.extra.append(numpy_helper.from_array(np.array(values, np.int64), name))
    return name
