"""Where FINN nodes are put together: names, shapes, datatypes and parameters of one model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

from codesign.errors import Reject
from codesign.graph import IntegerGraph, bits_for

if TYPE_CHECKING:
    from qonnx.core.modelwrapper import ModelWrapper

DOMAIN = "finn.custom_op.fpgadataflow"


def datatype(low: int, high: int, signed: bool = False) -> str:
    """Name of FINN's narrowest datatype that holds every integer of [low, high] and zero, which padding adds."""
    bits, negative = bits_for(min(low, 0), max(high, 0))
    if signed and not negative:
        bits, negative = bits + 1, True
    # A signed type of one bit (-1, 0) is none that FINN's back ends know.
    return f"INT{max(bits, 2)}" if negative else f"UINT{bits}" if bits > 1 else "BINARY"


def nhwc(shape: tuple[int, ...]) -> tuple[int, ...]:
    """FINN's shape of a frame: one image [1, H, W, C]; (T, C) is T x 1 and (C,) is 1 x 1."""
    spatial = shape[:-1]
    if len(spatial) > 2:
        raise Reject(f"it has {len(spatial)} spatial axes", "use at most 2: FINN knows images only")
    return (1, *spatial, *[1] * (2 - len(spatial)), shape[-1])


@dataclass(eq=False)
class Canvas:
    """A FINN model that grows operator by operator.

    Attributes:
        graph: what is emitted.
        signs: tensors whose channels stand negated in FINN's model, int64 [C] of 1 and -1.
        names: FINN's name of each of the graph's tensors.
        nodes: FINN's nodes; ``doc_string`` holds the name of the operator that a node serves.
        given: FINN's tensors that the model takes: the graph's input, and what FINN has no operator to compute.
        folds: of each node, the attributes that set its lanes, with the length that each must divide.
    """

    graph: IntegerGraph
    signs: dict[str, np.ndarray]
    names: dict[str, str] = field(default_factory=dict)
    nodes: list[NodeProto] = field(default_factory=list)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    parameters: list[TensorProto] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    folds: dict[str, dict[str, int]] = field(default_factory=dict)
    _copies: dict[str, list[str]] = field(default_factory=dict)

    def declare(self, name: str, shape: tuple[int, ...], finn_type: str) -> str:
        """Add a tensor of FINN's shape and datatype; return its name."""
        self.shapes[name], self.types[name] = shape, finn_type
        return name

    def parameter(self, name: str, values: np.ndarray, finn_type: str) -> str:
        """Add a constant; FINN keeps integers in float32."""
        stored = np.ascontiguousarray(values, np.float32)
        if (stored.astype(np.int64) != values).any():
            wide = int(np.abs(values).max())
            raise Reject(
                f"a parameter of {wide} needs more than float32's 24 bits, in which FINN keeps it",
                "quantize to fewer bits",
            )
        self.parameters.append(numpy_helper.from_array(stored, name))
        return self.declare(name, stored.shape, finn_type)

    def node(
        self,
        kind: str,
        owner: str,
        inputs: list[str],
        outputs: list[str],
        folds: Mapping[str, int] | None = None,
        **attributes: Any,
    ) -> str:
        """Add a node of FINN's operator ``kind`` that serves the operator ``owner``; return its first output.

        Args:
            folds: the attributes that set its lanes (PE, SIMD), each with the length that it must divide; they are 1.
        """
        name = f"{kind}_{sum(n.op_type == kind for n in self.nodes)}"  # FINN's own way to name nodes
        plain = {
            key: np.asarray(value).tolist() if not isinstance(value, str) else value
            for key, value in {**attributes, **dict.fromkeys(folds or {}, 1)}.items()
        }
        node = helper.make_node(kind, inputs, outputs, name, owner, DOMAIN, backend="fpgadataflow", **plain)
        self.nodes.append(node)
        self.folds[name] = dict(folds or {})
        return outputs[0]

    def scale(self, owner: str, x: str, factor: np.ndarray, low: int, high: int) -> str:
        """Multiply by an integer constant (int64 [1] or [C]); the product lies in [low, high]."""
        name = f"{x}_scaled_for_{owner}"
        factor_type = datatype(int(factor.min()), int(factor.max()))
        constant = self.parameter(f"{name}_factor", factor, factor_type)
        return self.elementwise("Mul", owner, x, constant, self.declare(name, self.shapes[x], datatype(low, high)))

    def elementwise(self, kind: str, owner: str, left: str, right: str, output: str) -> str:
        """Add one of FINN's elementwise operators; ``right`` may be a parameter."""
        constant = any(p.name == right for p in self.parameters)
        return self.node(
            f"Elementwise{kind}",
            owner,
            [left, right],
            [output],
            {"PE": self.shapes[output][-1]},
            lhs_shape=self.shapes[left],
            rhs_shape=self.shapes[right],
            out_shape=self.shapes[output],
            lhs_dtype=self.types[left],
            rhs_dtype=self.types[right],
            out_dtype=self.types[output],
            lhs_style="input",
            rhs_style="const" if constant else "input",
        )

    def read(self, tensor: str) -> str:
        """FINN's tensor for the next reader of ``tensor``; where it forks, each reader has its own copy."""
        copies = self._copies.get(tensor)
        return copies.pop(0) if copies else self.names[tensor]

    def bounds(self, tensor: str) -> tuple[np.ndarray, np.ndarray]:
        """Proven range of each channel as it stands in FINN's model: with negated channels turned over."""
        t = self.graph.tensors[tensor]
        negated = self.sign(tensor) < 0
        return np.where(negated, -t.high, t.low), np.where(negated, -t.low, t.high)

    def sign(self, tensor: str) -> np.ndarray:
        """1 or -1 for each channel of ``tensor``: how it stands in FINN's model."""
        return self.signs.get(tensor, np.ones(self.graph.tensors[tensor].channels, np.int64))

    def output(self, tensor: str) -> str:
        """Declare FINN's tensor for the graph's ``tensor``, with the narrowest datatype of its proven range."""
        low, high = self.bounds(tensor)
        return self.declare(tensor, nhwc(self.graph.tensors[tensor].shape), datatype(int(low.min()), int(high.max())))

    def give(self, tensor: str) -> None:
        """Make the graph's ``tensor`` an input of FINN's model."""
        made = self.output(tensor)
        self.given.append(made)
        self.finish(tensor, made)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what the block added where it ends in a Reject."""
        kept = ("nodes", "shapes", "types", "parameters", "folds")
        before = {name: getattr(self, name).copy() for name in kept}
        copies = {tensor: list(names) for tensor, names in self._copies.items()}
        try:
            yield
        except Reject:
            for name, value in before.items():
                setattr(self, name, value)
            self._copies = copies
            raise

    def finish(self, tensor: str, made: str) -> None:
        """Say that FINN's tensor ``made`` is the graph's ``tensor``; fork it where several read it."""
        self.names[tensor] = made
        readers = sum(op.inputs.count(tensor) for op in self.graph.operators) + (tensor == self.graph.output)
        if readers < 2:
            return
        shape, kind = self.shapes[made], self.types[made]
        copies = [self.declare(f"{tensor}_copy{i}", shape, kind) for i in range(readers)]
        self.node(
            "DuplicateStreams",
            tensor,
            [made],
            list(copies),
            {"PE": shape[-1]},
            NumChannels=shape[-1],
            inputDataType=kind,
            numInputVectors=shape[:-1],
            NumOutputStreams=readers,
            outFIFODepths=[2] * readers,
        )
        self._copies[tensor] = copies

    def model(self) -> ModelWrapper:
        """The finished model."""
        from qonnx.core.datatype import DataType
        from qonnx.core.modelwrapper import ModelWrapper
        from qonnx.util.basic import qonnx_make_model

        read = {name for node in self.nodes for name in node.input}
        ends = [name for node in self.nodes for name in node.output if name not in read]
        last = self.read(self.graph.output) if self.graph.output in self.names else ""
        ends.sort(key=lambda name: name != last)
        value = {n: helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in self.shapes.items()}
        constants = {p.name for p in self.parameters}
        inner = [v for n, v in value.items() if n not in {*ends, *self.given} and n not in constants]
        onnx_graph = helper.make_graph(
            self.nodes,
            self.graph.name,
            [value[name] for name in self.given],
            [value[name] for name in ends],
            self.parameters,
            value_info=inner,
        )
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(DOMAIN, 1)]
        model = ModelWrapper(qonnx_make_model(onnx_graph, opset_imports=opsets))
        for name, finn_type in self.types.items():
            model.set_tensor_datatype(name, DataType[finn_type])
        return model
