"""Gemm and MatMul with quantized weights, of a vector or of many positions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.graph import MatMul
from codesign.ingest.file.model import Node
from codesign.ingest.movement.rearrange import back_in_place, channels_at_front
from codesign.ingest.operands import (
    constant,
    extend,
    integers_of,
    moved,
    output_scales,
    parameter,
    weighted_sum,
    weights_of,
    whole_source,
)
from codesign.ingest.rules import rule
from codesign.ingest.scales import one_scale
from codesign.ingest.state import Constant, IntegerTensor, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Gemm", "MatMul")
def matmul(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """The last axis times a matrix (MatMul with the weights first: the last but one); a float bias starts a segment."""
    first = isinstance(inputs[0], Constant) and node.op == "MatMul"
    stored, state = (inputs[0], inputs[1]) if first else (inputs[1], inputs[0])
    weights, weight_scale = weights_of(stored)
    if node.attribute("transA", 0):
        raise Reject("it has transA", "export a plain linear layer")
    if weights.ndim != 2:
        raise Reject(f"its weights have the shape {weights.shape}", "use a matrix")
    if not first and not node.attribute("transB", 0):
        weights, weight_scale = weights.T, weight_scale.T
    x = integers_of(state)
    rank = len(x.shape)
    axis = rank - 1 - first
    if axis < 0 or x.shape[axis] != weights.shape[1]:
        raise Reject(f"its weights {weights.shape} do not fit a frame of {x.shape}", "export a consistent model")
    made = _product(node, x, axis, weights, weight_scale, compiler)
    if len(inputs) < 3 or inputs[2] is None:
        return made
    beta = float(node.attribute("beta", 1.0))
    bias = parameter(made, constant(inputs[2], "its bias"), "its bias") * beta
    return extend(made, node, lambda v, lift: v + lift(bias), 1)


def _product(
    node: Node, x: IntegerTensor, axis: int, weights: np.ndarray, weight_scale: np.ndarray, compiler: Compiler
) -> State:
    source, weights = _vector(x, weights, compiler) or (compiler.dense(channels_at_front(x, axis)), weights)
    source = one_scale(compiler, source)
    operator = MatMul(
        inputs=(source.tensor.name,), output=node.outputs[0], source=(node.name,), weights=np.ascontiguousarray(weights)
    )
    outputs = len(weights)
    alpha = Fraction(float(node.attribute("alpha", 1.0)))
    scale = output_scales(weight_scale, 0, source.scale[0] * alpha, outputs)
    made = compiler.emit(operator, [source], (outputs, *source.shape[1:]), scale)
    if any(source.shift):
        made = replace(made, shift=tuple(weighted_sum(row, source.shift) for row in weights))
    return back_in_place(made, axis)


def _vector(x: IntegerTensor, weights: np.ndarray, compiler: Compiler) -> tuple[IntegerTensor, np.ndarray] | None:
    """A frame that the model flattens in some order, as it lies in the graph, and the weights in that order."""
    size = prod(x.tensor.shape)
    if len(x.shape) != 1 or x.view is None or x.view.size != size or len(x.tensor.shape) == 1:
        return None
    if not np.array_equal(np.sort(x.view), np.arange(size)):
        return None
    whole = one_scale(compiler, compiler.dense(whole_source(x)))
    flat = moved(whole, lambda index: np.moveaxis(index, 0, -1).reshape(-1))
    columns = np.empty_like(weights)
    columns[:, x.view] = weights
    return compiler.dense(integers_of(flat)), columns
