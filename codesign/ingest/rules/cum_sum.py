"""CumSum along any axis of a frame."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.graph.operators.cum_sum import CumSum
from codesign.ingest.file.model import Node
from codesign.ingest.movement.rearrange import back_in_place, channels_at_front, natural_axis, spatial_axis
from codesign.ingest.operands import constant, integers_of, moved
from codesign.ingest.rules import rule
from codesign.ingest.scales import one_scale
from codesign.ingest.state import IntegerTensor, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("CumSum")
def cum_sum(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """Sums of integers whose zero is the real zero: an offset would count once more at every position."""
    if node.attribute("reverse", 0):
        raise Reject(
            "its reverse is 1, and its first sum would have to wait for the last value",
            "subtract the exclusive CumSum from ReduceSum over the same axis (keepdims 1), which is the same",
        )
    x = integers_of(inputs[0])
    given = constant(inputs[1] if len(inputs) > 1 else None, "its axis").reshape(-1)
    axis = spatial_axis(int(given[0]), len(x.shape) + 1) - 1
    x = compiler.centred(x)
    front = natural_axis(x)
    if axis != front:
        source = compiler.dense(channels_at_front(x, front))
        return back_in_place(_emit(node, source, axis + (axis < front), compiler), front)
    # The graph's channels become the innermost spatial axis of a frame with one channel, by a reshape there and back.
    x = one_scale(compiler, compiler.dense(channels_at_front(x, front)))
    source = compiler.dense(integers_of(moved(x, lambda i: np.moveaxis(i, 0, -1)[None])))
    made = _emit(node, source, len(source.shape) - 1, compiler)
    made = compiler.dense(integers_of(moved(made, lambda i: np.moveaxis(i[0], -1, 0))))
    return back_in_place(made, front)


def _emit(node: Node, x: IntegerTensor, axis: int, compiler: Compiler) -> IntegerTensor:
    """Sums along ``axis`` of ``x.shape``, channels first."""
    operator = CumSum(
        inputs=(x.tensor.name,),
        output=node.outputs[0],
        source=(node.name,),
        axis=axis - 1,
        size=x.shape[axis],
        exclusive=bool(node.attribute("exclusive", 0)),
    )
    return replace(compiler.emit(operator, [x], x.shape, x.scale), shift=())
