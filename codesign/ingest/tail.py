"""The software tail: the last integers times their scale, plus an offset."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from codesign.graph import Tail
from codesign.ingest.function import PRECISIONS
from codesign.ingest.numbers import Interval
from codesign.ingest.refusal import Reject
from codesign.ingest.state import IntegerTensor, Segment, State
from codesign.ingest.view import per_channel_of_view


def tail_of(state: State, dense: Callable[[IntegerTensor], IntegerTensor]) -> tuple[str, Tail]:
    """The graph's output tensor and its tail; ``dense`` moves a tensor as the model has moved it.

    Raises:
        Reject: what ends the model is no affine function of integers.
    """
    if isinstance(state, IntegerTensor):
        state = dense(state) if state.view is not None or state.padded else state
        state = Segment(state, state.shape)
    segment = state
    if not isinstance(segment, Segment):
        raise Reject("it is no function of quantized values", "quantize the model's input and its layers")
    for step in segment.steps:
        if not step.affine:
            raise Reject(f"'{step.node}' stays in floats and is not affine", "end it with a quantizer, or leave it out")
    scale, offset = ([(i.low + i.high) / 2 for i in line] for line in affine(segment))
    source = segment.source
    if segment.view is not None:
        scale, offset = (list(per_channel_of_view(tuple(v), segment.view, "scale")) for v in (scale, offset))
        bare = (Fraction(1),) * len(scale)
        source = dense(IntegerTensor(source.tensor, segment.shape, bare, view=segment.view))
    tensor = source.tensor
    rank = len(tensor.shape)
    return tensor.name, Tail(
        scale=np.array([float(s) for s in scale]),
        offset=np.array([float(o) for o in offset]),
        axes=(rank - 1, *range(rank - 1)),
        model_shape=segment.shape,
    )


def affine(segment: Segment) -> tuple[list[Interval], list[Interval]]:
    """Slope and offset of each channel of an affine segment; points unless an irrational square root took part."""
    slopes, offsets = [], []
    for channel, (scale, shift) in enumerate(zip(segment.source.scale, segment.source.shifts, strict=True)):

        def lift(parameter: np.ndarray, channel: int = channel) -> Interval:
            return Interval.exactly(Fraction(float(parameter[channel])), PRECISIONS[0])

        ends = []
        for integer in (0, 1):
            x = Interval.exactly((integer + shift) * scale, PRECISIONS[0])
            for step in segment.steps:
                x = step.formula(x, lift)
            ends.append(x)
        offsets.append(ends[0])
        slopes.append(ends[1] - ends[0])
    return slopes, offsets
