"""One operator with several sets of numbers: one kernel, whose numbers change from block to block of a frame."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np

from codesign.errors import Reject
from codesign.graph import Conv, Operator, Requantize, Threshold
from codesign.graph.operators.each_set import EachSet
from codesign.graph.operators.table import Table
from hw.lowering.builder import RULES, Builder, lowers
from hw.lowering.rules.conv import lower_sets, matrices

STACKED = (Requantize, Threshold, Table)
"""Kinds whose rules hand their arrays on to a kernel, which takes them with an axis of sets in front as well."""


@lowers(EachSet)
def lower_each_set(builder: Builder, op: EachSet) -> None:
    """Sets are the frame's outermost axis, so that each has a block of positions."""
    kind = type(op.parts[0])
    if kind is Conv:
        _conv(builder, op)
    elif kind in STACKED:
        RULES[kind](builder, _stacked(op))
    else:
        raise Reject(f"no kernel has sets of {kind.__name__}'s numbers", "build with --stream-weights never")


def _stacked(op: EachSet) -> Operator:
    """The first part with all sets' numbers, arrays [S, ...]."""
    first = op.parts[0]
    arrays: dict[str, Any] = {
        field.name: np.stack([getattr(part, field.name) for part in op.parts])
        for field in fields(first)
        if isinstance(getattr(first, field.name), np.ndarray)
    }
    return replace(first, inputs=op.inputs, output=op.output, **arrays)


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
    rows = first.weights.shape[0] // first.groups
    sets = np.stack([matrices(part).reshape(first.groups, rows, -1) for part in parts])
    lower_sets(builder, op, form, sets, streamed=op.output in builder.streamed)
