"""The line that an affine segment is, channel by channel."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from codesign.ingest.function import PRECISIONS
from codesign.ingest.numbers import Interval
from codesign.ingest.state import Segment


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
