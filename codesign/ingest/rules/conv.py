"""Conv of any rank, with the padding that stood before it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.graph import Conv
from codesign.ingest.file.model import Node
from codesign.ingest.geometry import numbers, pads_of
from codesign.ingest.operands import constant, extend, integers_of, output_scales, weighted_sum, weights_of
from codesign.ingest.rules import rule
from codesign.ingest.scales import one_scale
from codesign.ingest.state import IntegerTensor, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Conv", takes_pads=True)
def conv(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """Convolve integers with integers; a float bias starts a segment."""
    weights, weight_scale = weights_of(inputs[1])
    x = integers_of(inputs[0])
    kernel = weights.shape[2:]
    rank, outputs = len(kernel), weights.shape[0]
    groups = int(node.attribute("group", 1))
    if len(x.shape) != rank + 1 or x.shape[0] != weights.shape[1] * groups or outputs % groups:
        raise Reject(f"its weights {weights.shape} do not fit an input of {x.shape}", "export a consistent model")
    if tuple(node.attribute("kernel_shape", kernel)) != kernel:
        stated = node.attribute("kernel_shape")
        raise Reject(f"its kernel_shape is {stated}, but its weights have {kernel}", "export the model again")
    added = x.pads or ((0, 0),) * rank
    padded = tuple(n + a + b for n, (a, b) in zip(x.shape[1:], added, strict=True))
    stride, dilation = numbers(node, "strides", rank), numbers(node, "dilations", rank)
    own = pads_of(node, padded, kernel, stride, dilation)
    pads = tuple((a + c, b + d) for (a, b), (c, d) in zip(added, own, strict=True))
    source = replace(x, pads=())
    if any(a or b for a, b in pads):  # a padded tap is a real zero, so that the integer zero must be one
        source = compiler.centred(source)
    source = one_scale(compiler, compiler.dense(source), groups)
    operator = Conv(
        inputs=(source.tensor.name,),
        output=node.outputs[0],
        source=(node.name,),
        weights=np.ascontiguousarray(np.moveaxis(weights, 1, -1)),
        stride=stride,
        pads=pads,
        dilation=dilation,
        groups=groups,
    )
    scale = _scales(source.scale, weight_scale, groups, outputs)
    spatial = operator.shape(source.tensor.shape)[:-1]
    if min(spatial) < 1:
        raise Reject(f"its kernel {kernel} is larger than its input {padded}", "pad the input or shrink the kernel")
    made = compiler.emit(operator, [source], (outputs, *spatial), scale)
    made = replace(made, shift=_shifts(source, weights, groups))
    if len(inputs) < 3 or inputs[2] is None:
        return made
    bias = constant(inputs[2], "its bias").astype(np.float64)
    if bias.shape != (outputs,):
        raise Reject(f"its bias has the shape {bias.shape}, not ({outputs},)", "export the model again")
    return extend(made, node, lambda v, lift: v + lift(bias), 1)


def _scales(inputs: tuple[Fraction, ...], weights: np.ndarray, groups: int, outputs: int) -> tuple[Fraction, ...]:
    """Scale of each output channel; the input channels that one output sums share theirs."""
    per_group, made = len(inputs) // groups, outputs // groups
    own = output_scales(weights, 0, Fraction(1), outputs)
    scales: list[Fraction] = []
    for g in range(groups):
        scales += [inputs[g * per_group] * s for s in own[g * made : (g + 1) * made]]
    return tuple(scales)


def _shifts(x: IntegerTensor, weights: np.ndarray, groups: int) -> tuple[Fraction, ...]:
    """What the inputs' shifts add up to in each output; weights are [O, I / groups, *kernel]."""
    if not any(x.shift):
        return ()
    each = weights.reshape(*weights.shape[:2], -1).sum(2)
    per_group, made = weights.shape[1], len(weights) // groups
    shifts = [x.shift[o // made * per_group :][:per_group] for o in range(len(weights))]
    return tuple(weighted_sum(row, own) for row, own in zip(each, shifts, strict=True))
