"""What is wrong with an ONNX model as a whole, whatever its operators are: told before anything reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import prod

import onnx
from onnx import AttributeProto, TensorProto

from codesign.errors import Reason

KNOWN_DOMAINS = frozenset({"", "ai.onnx", "qonnx.custom_op.general", "onnx.brevitas"})
"""Domains whose operators may be handed to QONNX, which imports a module of the domain's name."""
FIRST_OPSET, LAST_OPSET = 7, onnx.defs.onnx_opset_version()
LARGEST_TENSOR = 2**28
"""Elements of one tensor; a constant that a node would blow up beyond that is refused before it is folded."""
FLOAT_INPUTS = ("float", "float16", "bfloat16")


def type_name(number: int) -> str:
    """The name of an ONNX element type, for example 'uint8'."""
    return TensorProto.DataType.Name(number).lower() if number in TensorProto.DataType.values() else f"number {number}"


def title(node: onnx.NodeProto, index: int) -> str:
    """How a message names a node."""
    kind = node.op_type if node.domain in KNOWN_DOMAINS else f"{node.domain}.{node.op_type}"
    return f"{kind} '{node.name or (node.output[0] if node.output else f'number {index}')}'"


def faults(proto: onnx.ModelProto) -> list[Reason]:
    """Every reason why the model does not hold together, or holds what the ingest has no notion of."""
    return [*_versions(proto), *_foreign(proto), *_names(proto.graph), *_cycle(proto.graph), *_sizes(proto.graph)]


def foreign(proto: onnx.ModelProto) -> bool:
    """Whether QONNX must not touch the model: it would look for code by a name that the file gives."""
    return any(n.domain not in KNOWN_DOMAINS for n in proto.graph.node) or bool(proto.functions)


def _versions(proto: onnx.ModelProto) -> Iterable[Reason]:
    opsets = [o.version for o in proto.opset_import if o.domain in ("", "ai.onnx")]
    if not opsets:
        yield Reason("model", "it names no ONNX operator set", "export the model again")
    elif not FIRST_OPSET <= max(opsets) <= LAST_OPSET:
        yield Reason(
            "model",
            f"its ONNX operator set is {max(opsets)}, not one of {FIRST_OPSET} to {LAST_OPSET}",
            "export it with opset_version=17",
        )
    if proto.ir_version > onnx.IR_VERSION:
        newest = int(onnx.IR_VERSION)
        yield Reason("model", f"its ONNX file format is {proto.ir_version}, newer than {newest}", "export an older one")


def _foreign(proto: onnx.ModelProto) -> Iterable[Reason]:
    called = {(f.domain, f.name) for f in proto.functions}
    for index, node in enumerate(proto.graph.node):
        kinds = {a.type for a in node.attribute}
        if kinds & {AttributeProto.GRAPH, AttributeProto.GRAPHS}:
            remedy = "export one fixed path, without if, loops or scans"
            yield Reason(title(node, index), "it holds a graph of its own (control flow)", remedy)
        if (node.domain, node.op_type) in called:
            remedy = "inline it first (onnx.inliner.inline_local_functions)"
            yield Reason(title(node, index), "it is a function that the file defines", remedy)
        if kinds & {AttributeProto.SPARSE_TENSOR, AttributeProto.SPARSE_TENSORS}:
            yield Reason(title(node, index), "it holds a sparse tensor", "store it dense")
    for sparse in proto.graph.sparse_initializer:
        yield Reason(f"tensor '{sparse.values.name}'", "it is stored sparse", "store it dense")
    for value in proto.graph.input:
        kind = type_name(value.type.tensor_type.elem_type)
        if not value.type.HasField("tensor_type"):
            yield Reason(f"input '{value.name}'", "it is no tensor", "export a model that takes one tensor")
        elif kind not in FLOAT_INPUTS and "int" not in kind:
            yield Reason(f"input '{value.name}'", f"its type is {kind}", "export it with float32 or integer inputs")


def _names(graph: onnx.GraphProto) -> Iterable[Reason]:
    """A tensor is made once: by a node, or stored, or given."""
    stored = [t.name for t in graph.initializer]
    given = [i.name for i in graph.input]
    made = [name for node in graph.node for name in node.output if name]
    for name, times in Counter(made).items():
        if times > 1:
            yield Reason(f"tensor '{name}'", f"{times} nodes make it", "export the model again, or rename all but one")
        if name in given or name in stored:
            what = "an input" if name in given else "a stored tensor"
            yield Reason(f"tensor '{name}'", f"a node makes it, but it is {what} too", "rename one of the two")
    for what, names in (("stored", stored), ("an input", given)):
        for name in (n for n, times in Counter(names).items() if times > 1):
            yield Reason(f"tensor '{name}'", f"it is {what} more than once", "export the model again")


def unmade(graph: onnx.GraphProto) -> frozenset[str]:
    """Tensors of which nothing can be said: those behind a cycle, and those that several nodes make."""
    made = Counter(name for node in graph.node for name in node.output if name)
    left = set(range(len(graph.node))) - set(sorted_nodes(graph))
    return frozenset(n for i in left for n in graph.node[i].output) | {n for n, times in made.items() if times > 1}


def _cycle(graph: onnx.GraphProto) -> Iterable[Reason]:
    order = sorted_nodes(graph)
    if len(order) < len(graph.node):
        left = [title(n, i) for i, n in enumerate(graph.node) if i not in set(order)]
        shown = ", ".join(left[:4]) + (f" and {len(left) - 4} more" if len(left) > 4 else "")
        yield Reason(left[0], f"it depends on its own output (a cycle through {shown})", "export a graph without loops")


def sorted_nodes(graph: onnx.GraphProto) -> list[int]:
    """Places of the nodes in an order in which each comes behind those that it reads; those in a cycle are left out.

    The file's own order is kept where it serves.
    """
    maker = {name: i for i, node in enumerate(graph.node) for name in node.output if name}
    waits = [{maker[name] for name in node.input if name in maker} for node in graph.node]
    readers: list[list[int]] = [[] for _ in graph.node]
    for i, wanted in enumerate(waits):
        for j in wanted:
            readers[j].append(i)
    order: list[int] = []
    ready = [i for i, wanted in enumerate(waits) if not wanted][::-1]
    if all(j < i for i, wanted in enumerate(waits) for j in wanted):
        return list(range(len(graph.node)))
    while ready:
        i = ready.pop()
        order.append(i)
        for j in readers[i]:
            waits[j].discard(i)
            if not waits[j]:
                ready.append(j)
    return order


def _sizes(graph: onnx.GraphProto) -> Iterable[Reason]:
    for tensor in graph.initializer:
        count = prod(tensor.dims)
        if min(tensor.dims, default=1) < 0 or count > LARGEST_TENSOR:
            shape = " x ".join(map(str, tensor.dims))
            yield Reason(f"tensor '{tensor.name}'", f"its shape is {shape}", f"store at most {LARGEST_TENSOR:,} values")
    stored = {t.name: t for t in graph.initializer} | {
        n.output[0]: a.t
        for n in graph.node
        if n.op_type == "Constant" and n.output
        for a in n.attribute
        if a.t.ByteSize()
    }
    for index, node in enumerate(graph.node):
        if node.op_type in ("ConstantOfShape", "Expand", "Tile") and all(i in stored for i in node.input):
            count = prod(max(n, 1) for n in _integers(stored[node.input[-1]]))
            if count > LARGEST_TENSOR:
                reason = f"it makes a constant of {count:.3g} values"
                yield Reason(title(node, index), reason, f"store at most {LARGEST_TENSOR:,} values")


def _integers(tensor: onnx.TensorProto) -> list[int]:
    """A stored list of sizes; empty where it is none (whoever reads it will say so)."""
    try:
        return [int(n) for n in onnx.numpy_helper.to_array(tensor).reshape(-1)]
    except (ValueError, TypeError):
        return []
