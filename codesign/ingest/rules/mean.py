"""GlobalAveragePool and ReduceMean over all positions: an integer sum, with 1/N in the scale."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from codesign.graph import GlobalSum
from codesign.ingest.model import Node
from codesign.ingest.operands import constant, integers_of
from codesign.ingest.refusal import Reject
from codesign.ingest.rules import rule
from codesign.ingest.state import IntegerTensor, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("GlobalAveragePool", "ReduceMean")
def mean(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """The mean of each channel."""
    x = compiler.dense(integers_of(inputs[0]))
    spatial = x.shape[1:]
    keep = node.op == "GlobalAveragePool" or bool(node.attribute("keepdims", 1))
    if node.op == "ReduceMean":
        axes = node.attribute("axes")
        if len(inputs) > 1 and inputs[1] is not None:
            axes = constant(inputs[1], "its axes").tolist()
        rank = len(x.shape) + 1
        if axes is None or sorted(int(a) % rank for a in axes) != list(range(2, rank)):
            raise Reject(f"it averages over the axes {axes}", f"average over all of {list(range(2, rank))}")
    if not spatial:
        return x
    positions = prod(spatial)
    operator = GlobalSum(inputs=(x.tensor.name,), output=node.outputs[0], source=(node.name,), positions=positions)
    shape = (x.shape[0], *((1,) * len(spatial) if keep else ()))
    made = compiler.emit(operator, [x], shape, tuple(s / positions for s in x.scale))
    return IntegerTensor(made.tensor, shape, made.scale, shift=tuple(s * positions for s in x.shift))
