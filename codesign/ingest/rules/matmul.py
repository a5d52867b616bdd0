"""Gemm and MatMul with quantized weights."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from codesign.graph import MatMul
from codesign.ingest.model import Node
from codesign.ingest.operands import constant, extend, integers_of, output_scales, per_channel, weighted_sum, weights_of
from codesign.ingest.refusal import Reject
from codesign.ingest.rules import rule
from codesign.ingest.state import State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Gemm", "MatMul")
def matmul(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """A vector of channels times a matrix; a float bias starts a segment."""
    weights, weight_scale = weights_of(inputs[1])
    x = compiler.dense(integers_of(inputs[0]))
    if node.attribute("transA", 0) or node.attribute("alpha", 1.0) != 1 or node.attribute("beta", 1.0) != 1:
        raise Reject("it has transA, alpha or beta", "export a plain linear layer")
    if not node.attribute("transB", 0):
        weights, weight_scale = weights.T, weight_scale.T
    if len(x.shape) != 1 or weights.ndim != 2 or weights.shape[1] != x.shape[0]:
        raise Reject(f"its weights {weights.shape} do not fit a frame of {x.shape}", "give it a vector of channels")
    if any(s != x.scale[0] for s in x.scale):
        raise Reject("it sums channels of different scales", "use one activation scale for all channels")
    operator = MatMul(
        inputs=(x.tensor.name,), output=node.outputs[0], source=(node.name,), weights=np.ascontiguousarray(weights)
    )
    outputs = len(weights)
    made = compiler.emit(operator, [x], (outputs,), output_scales(weight_scale, 0, x.scale[0], outputs))
    if any(x.shift):
        made = replace(made, shift=tuple(weighted_sum(row, x.shift) for row in weights))
    if len(inputs) < 3 or inputs[2] is None:
        return made
    bias = per_channel(constant(inputs[2], "its bias"), (outputs,), "its bias")
    return extend(made, node, lambda v, lift: v + lift(bias), 1)
