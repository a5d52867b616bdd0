"""An ONNX file as plain nodes and arrays. Nothing in it is executed, and nothing outside its folder is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import numpy_helper
from onnx.external_data_helper import ExternalDataInfo, load_external_data_for_tensor, uses_external_data

from codesign.errors import UserError

DOMAINS = ("", "ai.onnx", "qonnx.custom_op.general", "onnx.brevitas")
"""Operators of these domains go by their plain names, others by domain.name."""


@dataclass(frozen=True, eq=False)
class Node:
    """One node; a missing optional input has the name ''; ``fault`` tells what ONNX's own checker finds wrong."""

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]
    fault: str = ""

    def attribute(self, name: str, default: Any = None) -> Any:
        return self.attributes.get(name, default)

    @property
    def title(self) -> str:
        """How a message names the node."""
        return f"{self.op} '{self.name}'"


@dataclass(frozen=True, eq=False)
class Model:
    """The parts of an ONNX model that the ingest reads.

    Attributes:
        nodes: those that the output depends on, in the file's order.
        operators: types of all nodes.
        constants: initializers; floats as float64 (exact), the rest as stored.
        inputs: name to shape, batch included; None where a dimension is not fixed.
        outputs: names.
        shapes: shapes that the file states for inner tensors, batch included.
    """

    path: Path
    nodes: tuple[Node, ...]
    operators: frozenset[str]
    constants: dict[str, np.ndarray]
    inputs: dict[str, tuple[int | None, ...]]
    outputs: tuple[str, ...]
    shapes: dict[str, tuple[int | None, ...]]


def parse(path: Path) -> onnx.ModelProto:
    """Read an ONNX file with its external data.

    Raises:
        UserError: no such file, not an ONNX file, or external data missing or outside the file's folder.
    """
    if not path.is_file():
        raise UserError(f"{path} does not exist: name an exported QONNX file.")
    try:
        proto = onnx.load(str(path), load_external_data=False)
    except (DecodeError, ValueError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not an ONNX file ({error}): export the model to QONNX.") from error
    if not proto.graph.node:
        raise UserError(f"{path} is not an ONNX model with operators: export the model to QONNX.")
    for tensor in _tensors(proto):
        if uses_external_data(tensor):
            _load_external(tensor, path)
    return proto


def load(path: Path) -> Model:
    """Read an ONNX file. Raises UserError as ``parse`` does."""
    proto = parse(path)
    graph = proto.graph
    constants = {t.name: array(t) for t in graph.initializer}
    checker = onnx.checker.C.CheckerContext()
    checker.ir_version = proto.ir_version
    checker.opset_imports = {o.domain: o.version for o in proto.opset_import}
    nodes = [_node(n, i, checker) for i, n in enumerate(graph.node)]
    outputs = tuple(o.name for o in graph.output)
    return Model(
        path=path,
        nodes=_needed(nodes, outputs),
        operators=frozenset(n.op for n in nodes),
        constants=constants,
        inputs={i.name: _shape(i) for i in graph.input if i.name not in constants},
        outputs=outputs,
        shapes={v.name: _shape(v) for v in (*graph.value_info, *graph.output)},
    )


def array(tensor: onnx.TensorProto) -> np.ndarray:
    """A stored tensor; floats of any width become float64, which holds them exactly."""
    value = numpy_helper.to_array(tensor)
    return value.astype(np.float64) if value.dtype.kind == "f" or tensor.data_type == 16 else value


def _node(proto: onnx.NodeProto, index: int, checker: Any) -> Node:
    fault = ""
    if proto.domain in ("", "ai.onnx"):
        try:
            onnx.checker.check_node(proto, checker)
        except onnx.checker.ValidationError as error:
            fault = str(error).strip().splitlines()[0]
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in proto.attribute}
    plain = {k: v.decode() if isinstance(v, bytes) else v for k, v in attributes.items()}
    name = proto.name or (proto.output[0] if proto.output else f"number {index}")
    op = proto.op_type if proto.domain in DOMAINS else f"{proto.domain}.{proto.op_type}"
    return Node(op, name, tuple(proto.input), tuple(proto.output), plain, fault)


def _needed(nodes: list[Node], outputs: tuple[str, ...]) -> tuple[Node, ...]:
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted & set(node.outputs):
            kept.append(node)
            wanted |= set(node.inputs)
    return tuple(reversed(kept))


def _shape(value: onnx.ValueInfoProto) -> tuple[int | None, ...]:
    return tuple(d.dim_value if d.HasField("dim_value") else None for d in value.type.tensor_type.shape.dim)


def _tensors(proto: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    yield from proto.graph.initializer
    for node in proto.graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR:
                yield attribute.t


def _load_external(tensor: onnx.TensorProto, path: Path) -> None:
    folder, location = path.parent.resolve(), ExternalDataInfo(tensor).location
    file = (folder / location).resolve()
    if not file.is_relative_to(folder):
        raise UserError(
            f"{path}: tensor '{tensor.name}' reads {location}, which is outside the model's folder: "
            "put the data beside the model."
        )
    if not file.is_file():
        raise UserError(f"{path}: tensor '{tensor.name}' needs {location}, which is missing: copy it beside the model.")
    try:
        load_external_data_for_tensor(tensor, str(folder))
    except (ValueError, OSError, onnx.checker.ValidationError) as error:
        raise UserError(
            f"{path}: tensor '{tensor.name}' cannot be read from {location} ({error}): export the model again."
        ) from error
    tensor.data_location = onnx.TensorProto.DEFAULT
    del tensor.external_data[:]
