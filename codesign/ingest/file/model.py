"""An ONNX model as plain nodes and arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from codesign.errors import Reason
from codesign.ingest.file.onnx_file import parse
from codesign.ingest.file.structure import KNOWN_DOMAINS, faults, sorted_nodes, type_name, unmade

__all__ = ["DOMAINS", "Model", "Node", "array", "load", "parse", "read", "type_name"]

DOMAINS = KNOWN_DOMAINS
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
        nodes: those that the output depends on, each behind those that it reads.
        operators: types of all nodes.
        constants: initializers; floats as float64 (exact), the rest as stored.
        inputs: name to shape, batch included; None where a dimension is not fixed.
        outputs: names.
        shapes: shapes that the file states for inner tensors, batch included.
        types: ONNX element types of stored tensors and inputs, for example 'uint8'.
        annotations: QONNX data types of tensors, for example 'UINT8'.
        faults: what is wrong with the model as a whole.
        unmade: tensors of which nothing can be said, as ``faults`` tells.
    """

    path: Path
    nodes: tuple[Node, ...]
    operators: frozenset[str]
    constants: dict[str, np.ndarray]
    inputs: dict[str, tuple[int | None, ...]]
    outputs: tuple[str, ...]
    shapes: dict[str, tuple[int | None, ...]]
    types: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    faults: tuple[Reason, ...] = ()
    unmade: frozenset[str] = frozenset()


def load(path: Path) -> Model:
    """Read an ONNX file. Raises UserError as ``parse`` does."""
    return read(parse(path), path)


def read(proto: onnx.ModelProto, path: Path) -> Model:
    """The parts of a model that the ingest reads; what is wrong with it stands in ``faults``."""
    graph = proto.graph
    wrong = faults(proto)
    constants: dict[str, np.ndarray] = {}
    for tensor in graph.initializer:
        try:
            constants[tensor.name] = array(tensor)
        except (ValueError, TypeError, AttributeError) as error:
            wrong.append(Reason(f"tensor '{tensor.name}'", f"it cannot be read ({error})", "export the model again"))
            constants[tensor.name] = np.zeros(0)
    checker = onnx.checker.C.CheckerContext()
    checker.ir_version = proto.ir_version
    checker.opset_imports = {o.domain: o.version for o in proto.opset_import}
    order = sorted_nodes(graph)
    nodes = [_node(graph.node[i], i, checker) for i in order]
    outputs = tuple(o.name for o in graph.output)
    given = [i for i in graph.input if i.name not in constants]
    return Model(
        path=path,
        nodes=_needed(nodes, outputs),
        operators=frozenset(n.op_type for n in graph.node),
        constants=constants,
        inputs={i.name: _shape(i) for i in given},
        outputs=outputs,
        shapes={v.name: _shape(v) for v in (*graph.value_info, *graph.output)},
        types={t.name: type_name(t.data_type) for t in graph.initializer}
        | {i.name: type_name(i.type.tensor_type.elem_type) for i in given},
        annotations={
            note.tensor_name: entry.value
            for note in graph.quantization_annotation
            for entry in note.quant_parameter_tensor_names
            if entry.key == "finn_datatype"
        },
        faults=tuple(wrong),
        unmade=unmade(graph),
    )


def array(tensor: onnx.TensorProto) -> np.ndarray:
    """A stored tensor; floats of any width become float64, which holds them exactly, narrow integers int64.

    Raises:
        ValueError: its data do not fit its shape or type.
    """
    value = numpy_helper.to_array(tensor)
    if value.dtype.kind != "V":
        return value.astype(np.float64) if value.dtype.kind == "f" else value
    return value.astype(np.int64 if "int" in type_name(tensor.data_type) else np.float64)


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
