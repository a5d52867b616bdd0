"""One operator with several sets of numbers: one kernel, whose numbers change from block to block of a frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from codesign.errors import Reject
from codesign.graph import Conv, Operator
from codesign.graph.operators.each_set import EachSet
from hw.lowering.builder import Builder, lowers
from hw.lowering.rules.conv import lower_sets, matrices


@lowers(EachSet)
def lower_each_set(builder: Builder, op: EachSet) -> None:
    """Sets are the frame's outermost axis, so that each has a block of positions."""
    kind = type(op.parts[0])
    if kind not in _RULES:
        raise Reject(f"no kernel has sets of {kind.__name__}'s numbers", "build without --stream-weights")
    _RULES[kind](builder, op)


def _conv(builder: Builder, op: EachSet) -> None:
    """A convolution of one more axis, along which nothing slides."""
    parts = [part for part in op.parts if isinstance(part, Conv)]
    first = parts[0]
    form = replace(
        first,
        inputs=op.inputs,
        weights=first.weights[:, None],
        stride=(1, *first.stride),
        pads=((0, 0), *first.pads),
        dilation=(1, *first.dilation),
    )
    sets = np.stack(
        [matrices(part).reshape(first.groups, first.weights.shape[0] // first.groups, -1) for part in parts]
    )
    lower_sets(builder, op, form, sets, streamed=op.output in builder.streamed)


_RULES: dict[type[Operator], Callable[[Builder, EachSet], None]] = {Conv: _conv}
