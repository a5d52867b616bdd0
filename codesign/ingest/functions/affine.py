"""The line that an affine segment is, channel by channel."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from codesign.ingest.functions.function import PRECISIONS
from codesign.ingest.numbers.numbers import Interval
from codesign.ingest.state import Segment, Step


def affine(segment: Segment) -> tuple[list[Interval], list[Interval]]:
    """Slope and offset of each channel of an affine segment; points unless an irrational square root took part."""
    source = segment.source
    lines = [line(segment.steps, c, *own) for c, own in enumerate(zip(source.scale, source.shifts, strict=True))]
    return [slope for slope, _ in lines], [offset for _, offset in lines]


def line(steps: Sequence[Step], channel: int, scale: Fraction, shift: Fraction) -> tuple[Interval, Interval]:
    """Slope and offset of affine steps on scale * (integer + shift)."""

    def lift(parameter: np.ndarray) -> Interval:
        return Interval.exactly(Fraction(float(parameter[channel])), PRECISIONS[0])

    ends = []
    for integer in (0, 1):
        x = Interval.exactly((integer + shift) * scale, PRECISIONS[0])
        for step in steps:
            x = step.formula(x, lift)
        ends.append(x)
    return ends[1] - ends[0], ends[0]
