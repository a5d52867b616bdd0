"""The software tail: the last integers times their scale, plus an offset."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from codesign.graph import Tail
from codesign.ingest.function import PRECISIONS
from codesign.ingest.numbers import Interval
from codesign.ingest.refusal import Reject
from codesign.ingest.state import IntegerTensor, Segment, State


def tail_of(state: State) -> tuple[str, Tail]:
    """The graph's output tensor and its tail.

    Raises:
        Reject: what ends the model is no affine function of integers.
    """
    segment = Segment(state, state.shape) if isinstance(state, IntegerTensor) else state
    if not isinstance(segment, Segment):
        raise Reject("it is no function of quantized values", "quantize the model's input and its layers")
    if any(before or after for before, after in segment.source.pads):
        raise Reject("it is padded", "drop the padding")
    for step in segment.steps:
        if not step.affine:
            raise Reject(f"'{step.node}' stays in floats and is not affine", "end it with a quantizer, or leave it out")
    scale, offset = ([(i.low + i.high) / 2 for i in line] for line in affine(segment))
    tensor = segment.source.tensor
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
    for channel, scale in enumerate(segment.source.scale):

        def lift(parameter: np.ndarray, channel: int = channel) -> Interval:
            return Interval.exactly(Fraction(float(parameter[channel])), PRECISIONS[0])

        ends = []
        for integer in (0, 1):
            x = Interval.exactly(integer * scale, PRECISIONS[0])
            for step in segment.steps:
                x = step.formula(x, lift)
            ends.append(x)
        offsets.append(ends[0])
        slopes.append(ends[1] - ends[0])
    return slopes, offsets
