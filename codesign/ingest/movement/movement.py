"""From an index to the operators that move the integers in the graph."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from codesign.ingest.movement.factoring import factor
from codesign.ingest.movement.plan import Move
from codesign.ingest.movement.view import channels_last, uniform
from codesign.ingest.operands import whole_source
from codesign.ingest.state import IntegerTensor

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


def apply(compiler: Compiler, x: IntegerTensor) -> IntegerTensor:
    """Emit what moves ``x`` as its view tells; the result has no view, and a tensor of the view's shape.

    Raises:
        Reject: no operators of the graph do this.
    """
    assert x.view is not None
    plan = factor(channels_last(x.view), x.tensor.shape)
    made = {-1: replace(x, view=None)}
    source = whole_source(x).scale
    several = not uniform(source)
    channel = {-1: np.broadcast_to(np.arange(x.tensor.channels), (1, *x.tensor.shape))}
    for index in plan.emitted():
        move = plan.moves[index]
        inputs = [made[r] for r in move.reads]
        operator = move.make(tuple(i.tensor.name for i in inputs), _name(compiler, x, move))
        scale: tuple[Fraction, ...] = source[:1] * move.shape[-1]
        if several:  # of a channel that holds several scales, as on the way of a transpose, any one
            channel[index] = operator.run(*(channel[r] for r in move.reads))
            scale = tuple(source[c] for c in channel[index].reshape(-1, move.shape[-1])[0])
        made[index] = compiler.emit(operator, inputs, (move.shape[-1], *move.shape[:-1]), scale)
    return IntegerTensor(made[plan.at].tensor, x.shape, x.scale, x.pads, x.shift)


def _name(compiler: Compiler, x: IntegerTensor, move: Move) -> str:
    base = f"{x.tensor.name}_{move.kind.__name__.lower()}"
    names = (base if i == 0 else f"{base}_{i}" for i in count())
    return next(name for name in names if name not in compiler.tensors)
