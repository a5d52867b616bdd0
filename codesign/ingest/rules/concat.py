"""Concat: of parts of one tensor, which is movement, or of several tensors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.graph.operators.concat import Concat
from codesign.ingest.file.model import Node
from codesign.ingest.movement.factoring import factor
from codesign.ingest.movement.rearrange import back_in_place, channels_at_front, natural_axis, spatial_axis
from codesign.ingest.movement.view import channels_last, still
from codesign.ingest.operands import as_seen, integers_of, whole_source
from codesign.ingest.rules import rule
from codesign.ingest.scales import common_step, same_scales
from codesign.ingest.state import Constant, FloatInput, IntegerTensor, Segment, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Concat")
def concat(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """Tensors one after the other; along the channels, each keeps its scales."""
    axis = int(node.attribute("axis"))
    constants = [x for x in inputs if isinstance(x, Constant)]
    if len(constants) == len(inputs):
        return Constant(np.concatenate([x.value for x in constants], axis))
    if constants:
        raise Reject("it joins stored values to computed ones", "leave the constant out, or pad with zeros")
    if len(inputs) == 1 and inputs[0] is not None:
        return inputs[0]
    first = inputs[0]
    if not isinstance(first, FloatInput | IntegerTensor | Segment):
        raise Reject("it joins nothing", "export the model again")
    axis = spatial_axis(axis, len(first.shape) + 1) - 1
    joined = _parts_of_one(inputs, axis)
    return joined if joined is not None else _join(node, [integers_of(x) for x in inputs], axis, compiler)


def _parts_of_one(inputs: list[State | None], axis: int) -> State | None:
    """All operands are movements of one tensor, and so is the result; None where they are not."""
    first = inputs[0]
    views = [
        still(x.shape) if x.view is None else x.view
        for x in inputs
        if isinstance(x, FloatInput | IntegerTensor | Segment)
    ]
    view = np.concatenate(views, axis)
    if isinstance(first, FloatInput):
        same = all(isinstance(x, FloatInput) and x.steps == first.steps for x in inputs)
        return replace(first, shape=view.shape, view=view) if same else None
    if isinstance(first, Segment):
        others = [x for x in inputs if isinstance(x, Segment)]
        same = len(others) == len(inputs) and all(
            x.source.tensor is first.source.tensor
            and x.other is first.other
            and x.steps == first.steps
            and (x.source.scale, x.source.shifts) == (first.source.scale, first.source.shifts)
            for x in others
        )
        return replace(first, shape=view.shape, view=view) if same else None
    tensors = [x for x in inputs if isinstance(x, IntegerTensor)]
    if len(tensors) < len(inputs) or any(x.tensor is not tensors[0].tensor for x in tensors):
        return None
    wholes = [whole_source(x) for x in tensors]
    whole = wholes[0]
    if any((w.scale, w.shifts) != (whole.scale, whole.shifts) for w in wholes):
        return None
    try:
        factor(channels_last(view), whole.tensor.shape)
    except Reject:  # the graph joins what it cannot move as a whole
        return None
    return as_seen(whole, view)


def _join(node: Node, tensors: list[IntegerTensor], axis: int, compiler: Compiler) -> State:
    front = _front(tensors, axis)
    tensors = [compiler.dense(channels_at_front(x, front)) for x in tensors]
    rank = len(tensors[0].shape)
    order = [front, *(a for a in range(rank) if a != front)]
    along = order.index(axis)
    if any(len(x.shape) != rank for x in tensors):
        raise Reject(f"it joins {' and '.join(str(x.shape) for x in tensors)}", "export the model again")
    if along:
        tensors = same_scales(compiler, tensors)
    operator = Concat(
        inputs=tuple(x.tensor.name for x in tensors),
        output=node.outputs[0],
        source=(node.name,),
        axis=along - 1 - rank if along else -1,
    )
    shape = [*tensors[0].shape]
    shape[along] = sum(x.shape[along] for x in tensors)
    scale, shifts = tensors[0].scale, tensors[0].shifts
    if not along:
        scale = tuple(s for x in tensors for s in x.scale)
        shifts = tuple(s for x in tensors for s in x.shifts)
    made = compiler.emit(operator, tensors, tuple(shape), scale)
    return back_in_place(replace(made, shift=shifts if any(shifts) else ()), front)


def _front(tensors: list[IntegerTensor], axis: int) -> int:
    """The axis where the result's channels lie, each with a scale of its own.

    It is where the operands have them; but the axis of the join where the scales differ without a small ratio, and
    every operand has one scale throughout.
    """
    front = natural_axis(next((x for x in tensors if x.tensor.channels > 1), tensors[0]))
    alike = all(len({*x.scale}) == len({*x.shifts}) == 1 for x in tensors)
    return axis if alike and common_step([x.scale[0] for x in tensors]) is None else front
