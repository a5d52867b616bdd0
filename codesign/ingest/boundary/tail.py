"""The software tail: the last integers times their scale, plus an offset."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from codesign.errors import Reject
from codesign.graph import Tail
from codesign.ingest.functions.affine import affine
from codesign.ingest.movement.view import channel_axis, per_channel_of_view
from codesign.ingest.operands import SAME_QUANTIZER, different_scales, segment_of
from codesign.ingest.state import IntegerTensor, Segment, State


def tail_of(state: State, dense: Callable[[IntegerTensor], IntegerTensor]) -> tuple[str, Tail]:
    """The graph's output tensor and its tail; ``dense`` moves a tensor as the model has moved it.

    Raises:
        Reject: what ends the model is no affine function of integers.
    """
    if isinstance(state, IntegerTensor):
        state = segment_of(dense(state) if state.padded else state)
    segment = state
    if not isinstance(segment, Segment):
        raise Reject("it is no function of quantized values", "quantize the model's input and its layers")
    if segment.other is not None:
        raise Reject(f"it is {different_scales(segment.source, segment.other)}", SAME_QUANTIZER)
    for step in segment.steps:
        if not step.affine:
            raise Reject(f"'{step.node}' stays in floats and is not affine", "end it with a quantizer, or leave it out")
    scale, offset = ([(i.low + i.high) / 2 for i in line] for line in affine(segment))
    source, front = segment.source, 0
    if segment.view is not None:  # the software tail leaves the graph's channels where they are
        front = channel_axis(segment.view, len(scale))
        view = np.moveaxis(segment.view, front, 0)
        scale, offset = (list(per_channel_of_view(tuple(v), view, "scale")) for v in (scale, offset))
        bare = (Fraction(1),) * len(scale)
        source = dense(IntegerTensor(source.tensor, view.shape, bare, view=view))
    tensor = source.tensor
    axes = list(range(len(tensor.shape) - 1))
    axes.insert(front, len(axes))
    return tensor.name, Tail(
        scale=np.array([float(s) for s in scale]),
        offset=np.array([float(o) for o in offset]),
        axes=tuple(axes),
        model_shape=segment.shape,
    )
