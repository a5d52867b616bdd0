"""A segment with its quantizer as a function of the accumulator, before rounding."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from codesign.ingest.numbers import Ball, Interval
from codesign.ingest.quantizer import Quantizer
from codesign.ingest.refusal import Reject
from codesign.ingest.state import TURNS, Step

PRECISIONS = (160, 640, 2560)
"""Bits of a square root, tried in turn until a decision is certain."""


@dataclass(frozen=True, eq=False)
class Function:
    """``y(accumulator)`` of each channel, in steps of the quantizer: rounding y gives the quantizer's integer.

    Attributes:
        scale: real value of one step of the accumulator, exact, for each channel.
        steps: the float operators in their order.
        quantizer: what ends the segment.
        shift: what is added to the accumulator before it is scaled, exact, for each channel; empty: nothing.
    """

    scale: tuple[Fraction, ...]
    steps: tuple[Step, ...]
    quantizer: Quantizer
    shift: tuple[Fraction, ...] = ()

    @property
    def channels(self) -> int:
        return len(self.scale)

    def direction(self) -> np.ndarray:
        """int [C]: 1 where y never falls, -1 where it never rises, 0 where it is constant. Structural, hence a proof.

        A composition of functions that never turn does not turn, so the product of the steps' directions is its own;
        ``TURNS`` where a step may turn.
        """
        signs = [np.array([(s > 0) - (s < 0) for s in self.scale]), np.sign(self.quantizer.scale)]
        steps = np.array([*signs, *(s.direction for s in self.steps)]).astype(np.int64)
        turns = (steps == TURNS).any(0) & (steps != 0).all(0)
        return np.where(turns, TURNS, np.sign(steps).prod(0))

    def ball(self, accumulator: np.ndarray, channel: np.ndarray) -> Ball:
        """y in float64 with a sound bound of its error; ``accumulator`` (int64) and ``channel`` broadcast together."""

        def lift(parameter: np.ndarray) -> Ball:
            return Ball.exactly(parameter[channel])

        scale = Ball(self._scale.middle[channel], self._scale.radius[channel])
        x = Ball.exactly(accumulator.astype(np.float64))
        if self._shift is not None:
            x = x + Ball(self._shift.middle[channel], self._shift.radius[channel])
        return self._apply(x * scale, lift)

    @cached_property
    def _scale(self) -> Ball:
        return Ball.nearest(list(self.scale))

    @cached_property
    def _shift(self) -> Ball | None:
        return Ball.nearest(list(self.shift)) if any(self.shift) else None

    def exact(self, accumulator: int | Fraction, channel: int, bits: int) -> Interval:
        """y in rational arithmetic; a point unless an irrational square root took part."""

        def lift(parameter: np.ndarray) -> Interval:
            return Interval.exactly(Fraction(float(parameter[channel])), bits)

        shift = self.shift[channel] if self.shift else 0
        return self._apply(Interval.exactly((accumulator + shift) * self.scale[channel], bits), lift)

    def _apply(self, x: Any, lift: Any) -> Any:
        for step in self.steps:
            x = step.formula(x, lift)
        return x / lift(self.quantizer.scale) + lift(np.full(self.channels, float(self.quantizer.zero)))

    def reached(self, accumulator: int | Fraction, channel: int, twice: int, inclusive: bool) -> tuple[bool, float]:
        """Decide exactly whether y lies beyond the boundary ``twice / 2``; also its distance in float64.

        Raises:
            Reject: y cannot be told from the boundary at the highest precision.
        """
        boundary = Fraction(twice, 2)
        for bits in PRECISIONS:
            y = self.exact(accumulator, channel, bits)
            if y.low > boundary or y.high < boundary:
                return y.low > boundary, float(abs(y.low - boundary))
            if y.exact:
                return inclusive, 0.0
        raise Reject(
            f"channel {channel} at the accumulator {accumulator} cannot be told from a rounding boundary "
            f"with {PRECISIONS[-1]} bits",
            "change the quantizer's scale in its last digit",
        )
