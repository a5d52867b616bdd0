"""Global pools, and ReduceMean, ReduceSum, ReduceMax over any axes of a frame."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.graph import GlobalSum, MatMul, Operator
from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.sum_pool import SumPool
from codesign.graph.operators.top_k import TopK
from codesign.ingest.file.model import Node
from codesign.ingest.movement.rearrange import back_in_place
from codesign.ingest.movement.view import channel_axis
from codesign.ingest.operands import constant, extend, integers_of, moved
from codesign.ingest.pooling import divided, ended, rising, settled, summable
from codesign.ingest.rules import rule
from codesign.ingest.scales import one_scale
from codesign.ingest.state import FloatInput, IntegerTensor, Segment, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler

LARGEST = ("GlobalMaxPool", "ReduceMax")


@rule("GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceSum", "ReduceMax")
def reduce(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """A sum, with 1/N in the scale for a mean, or the largest; floats before it go on behind it where that is exact."""
    x = inputs[0]
    if not isinstance(x, IntegerTensor | Segment):
        integers_of(x)  # which tells why not
    assert isinstance(x, IntegerTensor | Segment)
    axes = _axes(node, inputs, len(x.shape))
    count = prod(x.shape[a] for a in axes)
    keep = node.op.startswith("Global") or bool(node.attribute("keepdims", 1))
    front = 0 if x.view is None else channel_axis(x.view, _channels(x))
    if front in axes:
        made = _with_channels(node, x, axes, front, compiler)
    else:
        along = tuple(sorted(a + (a < front) for a in axes))  # with the channels in front
        made = _positions(node, moved(x, lambda i: np.moveaxis(i, front, 0)) if front else x, along, compiler)
    if node.op == "ReduceSum":
        factor = np.full(_channels(made), float(count))
        made = extend(made, node, lambda v, lift: v * lift(factor), 1)
    made = back_in_place(made, front)
    kept = tuple(n for a, n in enumerate(made.shape) if a not in axes)  # type: ignore[union-attr]
    return made if keep else moved(made, lambda index: index.reshape(kept or (1,)))


def _channels(x: State) -> int:
    return len(x.source.scale) if isinstance(x, Segment) else x.tensor.channels  # type: ignore[union-attr]


def _axes(node: Node, inputs: list[State | None], rank: int) -> list[int]:
    """Axes of the frame, channels first, from 0."""
    if node.op.startswith("Global"):
        return list(range(1, rank))
    stored = node.attribute("axes")
    if len(inputs) > 1 and inputs[1] is not None:
        stored = constant(inputs[1], "its axes").tolist()
    if stored is None and node.attribute("noop_with_empty_axes", 0):
        return []
    axes = sorted({int(a) % (rank + 1) for a in stored or [0]})
    if axes[0] == 0:
        raise Reject(f"it works over the axes {stored if stored else 'of all, the batch too'}", "leave out the batch")
    return [a - 1 for a in axes]


def _positions(node: Node, x: State, axes: tuple[int, ...], compiler: Compiler) -> State:
    """Over some of the axes behind the channels; the mean or the largest, axes kept."""
    largest = node.op in LARGEST
    segment = rising(compiler, settled(compiler, x)) if largest else summable(compiler, x, padded=False)
    source = segment.source
    spatial = source.shape[1:]
    kernel = tuple(n if a in axes else 1 for a, n in enumerate(spatial, 1))
    if prod(kernel) == 1:
        return ended(segment, source)
    shape = (source.shape[0], *(n // k for n, k in zip(spatial, kernel, strict=True)))
    names = {"inputs": (source.tensor.name,), "output": node.outputs[0], "source": (node.name,)}
    window = {"kernel": kernel, "stride": kernel, "pads": ((0, 0),) * len(kernel), "dilation": (1,) * len(kernel)}
    operator: Operator
    if largest:
        operator = MaxPool(**names, **window)  # type: ignore[arg-type]
    elif kernel == spatial:
        operator = GlobalSum(**names, positions=prod(spatial))  # type: ignore[arg-type]
    else:
        operator = SumPool(**names, **window)  # type: ignore[arg-type]
    made = compiler.emit(operator, [source], shape, source.scale)
    if largest:
        return ended(segment, replace(made, shift=source.shift))
    return ended(segment, divided(source, made, prod(kernel), prod(kernel)))


def _with_channels(node: Node, x: State, axes: list[int], front: int, compiler: Compiler) -> State:
    """Over the channels, and perhaps positions; the channels lie along ``front``, and come out in front."""
    if isinstance(x, FloatInput):
        raise Reject("reads floats", "quantize before it")
    others = tuple(sorted(a + (a < front) for a in axes if a != front))
    first = moved(x, lambda i: np.moveaxis(i, front, 0)) if front else x
    inner = replace(node, outputs=(f"{node.outputs[0]}_of_positions",))
    held = integers_of(_positions(inner, first, others, compiler)) if others else integers_of(first)
    source = one_scale(compiler, compiler.dense(held))
    names = {"inputs": (source.tensor.name,), "output": node.outputs[0], "source": (node.name,)}
    channels = source.shape[0]
    shape = (1, *source.shape[1:])
    if node.op in LARGEST:
        if len(set(source.shifts)) > 1 or source.scale[0] < 0:
            raise Reject(
                "it compares channels of different offsets or of a negative scale", "put a quantizer before it"
            )
        made = compiler.emit(TopK(**names, k=1, indices=False), [source], shape, source.scale[:1])  # type: ignore[arg-type]
        return replace(made, shift=source.shift[:1])
    ones = MatMul(**names, weights=np.ones((1, channels), np.int64))  # type: ignore[arg-type]
    made = compiler.emit(ones, [source], shape, (source.scale[0] / channels,))
    return replace(made, shift=(sum(source.shift, Fraction(0)),) if any(source.shift) else ())
