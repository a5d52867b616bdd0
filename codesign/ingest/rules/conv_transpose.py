"""ConvTranspose of any rank."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.graph.operators.conv_transpose import ConvTranspose
from codesign.ingest.file.model import Node
from codesign.ingest.geometry import Shape, numbers
from codesign.ingest.operands import constant, extend, integers_of, weights_of
from codesign.ingest.rules import rule
from codesign.ingest.scales import one_scale
from codesign.ingest.state import State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("ConvTranspose")
def conv_transpose(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """Integers times integers, added where they fall; a float bias starts a segment."""
    weights, weight_scale = weights_of(inputs[1])
    x = integers_of(inputs[0])
    rank, groups = weights.ndim - 2, int(node.attribute("group", 1))
    kernel, outputs = weights.shape[2:], weights.shape[1] * groups
    if len(x.shape) != rank + 1 or x.shape[0] != weights.shape[0] or len(weights) % groups:
        raise Reject(f"its weights {weights.shape} do not fit an input of {x.shape}", "export a consistent model")
    if tuple(node.attribute("kernel_shape", kernel)) != kernel:
        stated = node.attribute("kernel_shape")
        raise Reject(f"its kernel_shape is {stated}, but its weights have {kernel}", "export the model again")
    # At the border an output sees fewer inputs, so that the integer zero must be the real one.
    source = one_scale(compiler, compiler.dense(compiler.centred(x)), groups)
    pads, more = _pads(node, source.shape[1:], kernel)
    per_group = weights.shape[0] // groups
    # [I, O / groups, *kernel] -> [O, *kernel, I / groups]
    grouped = weights.reshape(groups, per_group, -1, *kernel)
    leaf = np.moveaxis(grouped, 1, -1).reshape(outputs, *kernel, per_group)
    operator = ConvTranspose(
        inputs=(source.tensor.name,),
        output=node.outputs[0],
        source=(node.name,),
        weights=np.ascontiguousarray(leaf),
        stride=numbers(node, "strides", rank),
        pads=pads,
        output_padding=more,
        dilation=numbers(node, "dilations", rank),
        groups=groups,
    )
    spatial = operator.shape(source.tensor.shape)[:-1]
    if min(spatial) < 1:
        raise Reject(f"its pads {pads} cut away its whole output", "use smaller pads")
    own = _weight_scales(weight_scale, weights.shape, groups)
    scale = tuple(own[o] * source.scale[o // (outputs // groups) * per_group] for o in range(outputs))
    made = compiler.emit(operator, [source], (outputs, *spatial), scale)
    if len(inputs) < 3 or inputs[2] is None:
        return made
    bias = constant(inputs[2], "its bias").astype(np.float64)
    if bias.shape != (outputs,):
        raise Reject(f"its bias has the shape {bias.shape}, not ({outputs},)", "export the model again")
    return extend(made, node, lambda v, lift: v + lift(bias), 1)


def _weight_scales(scale: np.ndarray, shape: Shape, groups: int) -> list[Fraction]:
    """Of each output; weights are [I, O / groups, *kernel].

    Raises:
        Reject: the scale differs within an output.
    """
    full = np.broadcast_to(scale, shape).reshape(groups, shape[0] // groups, shape[1], -1)
    rows = np.moveaxis(full, 2, 1).reshape(groups * shape[1], -1)
    if (rows != rows[:, :1]).any():
        raise Reject("its weight scale differs within an output", "use one weight scale, or one an output channel")
    return [Fraction(float(s)) for s in rows[:, 0]]


def _pads(node: Node, spatial: Shape, kernel: Shape) -> tuple[tuple[tuple[int, int], ...], Shape]:
    """What is cut (before, after) of each axis, and what is appended."""
    rank, auto = len(kernel), node.attribute("auto_pad", "NOTSET")
    stride, dilation = numbers(node, "strides", rank), numbers(node, "dilations", rank)
    more = numbers(node, "output_padding", rank, 0)
    wanted = node.attribute("output_shape")
    if auto == "VALID" and wanted is None:
        return ((0, 0),) * rank, more
    if auto == "NOTSET" and wanted is None:
        flat = [int(p) for p in node.attribute("pads", [0] * 2 * rank)]
        if min(flat) < 0 or len(flat) != 2 * rank:
            raise Reject(f"its pads are {flat}", "use pads of zero or more, two for each spatial axis")
        return tuple(zip(flat[:rank], flat[rank:], strict=True)), more
    sizes = [n * s for n, s in zip(spatial, stride, strict=True)] if wanted is None else list(wanted)[-rank:]
    pads: list[tuple[int, int]] = []
    for n, s, d, k, extra, size in zip(spatial, stride, dilation, kernel, more, sizes, strict=True):
        total = (n - 1) * s + extra + d * (k - 1) + 1 - int(size)
        if total < 0:
            raise Reject(
                f"its output_shape {list(sizes)} is {-total} larger than what its kernel makes",
                "state output_padding instead",
            )
        small, large = total // 2, total - total // 2
        pads.append((small, large) if auto == "SAME_UPPER" else (large, small))
    return tuple(pads), more
