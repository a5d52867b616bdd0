"""A segment with its quantizer as a function of the accumulator, before rounding."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from codesign.errors import Reject
from codesign.ingest.functions.quantizer import Quantizer
from codesign.ingest.numbers.numbers import Ball, Interval
from codesign.ingest.state import TURNS, Step

PRECISIONS = (160, 640, 2560)
"""Bits of an irrational function, tried in turn until a decision is certain."""


@dataclass(frozen=True, eq=False)
class Function:
    """``y(accumulator)`` of each channel, in steps of the quantizer: rounding y gives the quantizer's integer.

    Attributes:
        scale: real value of one step of the accumulator, exact, for each channel.
        steps: the float operators in their order.
        quantizer: what ends the segment.
        shift: what is added to the accumulator before it is scaled, exact, for each channel; empty: nothing.
        origin: int64 [C]: of each channel, the one of the steps and of the quantizer whose parameters it has; None: the
            same.
    """

    scale: tuple[Fraction, ...]
    steps: tuple[Step, ...]
    quantizer: Quantizer
    shift: tuple[Fraction, ...] = ()
    origin: np.ndarray | None = None

    @property
    def channels(self) -> int:
        return len(self.scale)

    def direction(self) -> np.ndarray:
        """int [C]: 1 where y never falls, -1 where it never rises, 0 where it is constant. Structural, hence a proof.

        A composition of functions that never turn does not turn, so the product of the steps' directions is its own;
        ``TURNS`` where a step may turn.
        """
        own = np.array([(s > 0) - (s < 0) for s in self.scale])
        stored = [np.sign(self.quantizer.scale), *(s.direction for s in self.steps)]
        of = slice(None) if self.origin is None else self.origin
        steps = np.array([own, *(s[of] for s in stored)]).astype(np.int64)
        turns = (steps == TURNS).any(0) & (steps != 0).all(0)
        return np.where(turns, TURNS, np.sign(steps).prod(0))

    def ball(self, accumulator: np.ndarray, channel: np.ndarray) -> Ball:
        """y in float64 with a sound bound of its error; ``accumulator`` (int64) and ``channel`` broadcast together."""
        return self._over(Ball.exactly(accumulator.astype(np.float64)), channel)

    def over(self, first: np.ndarray, last: np.ndarray, channel: np.ndarray) -> Ball:
        """What holds y of all accumulators from ``first`` to ``last`` (int64, within 2**52 of zero)."""
        return self._over(Ball((first + last) / 2, (last - first) / 2), channel)

    def blurred(self, accumulator: np.ndarray, channel: np.ndarray, error: np.ndarray) -> Ball:
        """What holds y if the accumulator (int64 [K]) is off by ``error`` (float64 [K])."""
        return self._over(Ball(accumulator.astype(np.float64), error), channel)

    def _over(self, x: Ball, channel: np.ndarray) -> Ball:
        stored = channel if self.origin is None else self.origin[channel]

        def lift(parameter: np.ndarray) -> Ball:
            return Ball.exactly(parameter[stored])

        with np.errstate(all="ignore"):  # what overflows or is undefined has a radius that proves nothing
            if self._shift is not None:
                x = x + Ball(self._shift.middle[channel], self._shift.radius[channel])
            return self._apply(x * Ball(self._scale.middle[channel], self._scale.radius[channel]), lift)

    @cached_property
    def _scale(self) -> Ball:
        return Ball.nearest(list(self.scale))

    @cached_property
    def _shift(self) -> Ball | None:
        return Ball.nearest(list(self.shift)) if any(self.shift) else None

    def exact(self, accumulator: int | Fraction, channel: int, bits: int) -> Interval:
        """y in rational arithmetic; a point unless an irrational function took part.

        Raises:
            Reject: a step is not defined there.
            ZeroDivisionError: more bits are needed to keep a divisor from zero.
        """
        return self.exact_over(accumulator, accumulator, channel, bits)

    def exact_over(self, first: int | Fraction, last: int | Fraction, channel: int, bits: int) -> Interval:
        """What holds y of all accumulators from ``first`` to ``last``. Raises as ``exact``."""

        stored = channel if self.origin is None else self.origin[channel]

        def lift(parameter: np.ndarray) -> Interval:
            return Interval.exactly(Fraction(float(parameter[stored])), bits)

        shift = self.shift[channel] if self.shift else 0
        low, high = sorted((z + shift) * self.scale[channel] for z in (first, last))
        return self._apply(Interval(low, high, bits), lift)

    def _apply(self, x: Any, lift: Any) -> Any:
        for step in self.steps:
            try:
                x = step.formula(x, lift)
            except Reject as error:
                raise Reject(f"'{step.node}' {error.reason}", error.remedy) from error
        x = x / lift(self.quantizer.scale)
        return x + lift(np.full(self.channels, float(self.quantizer.zero))) if self.quantizer.zero else x

    def check_defined(self, low: np.ndarray, high: np.ndarray) -> None:
        """Raise Reject where a step is not defined at an end of the range (int64 [C]): the root of a negative number.

        What never turns is then defined in between as well.
        """
        ends = np.stack([low, high])
        y = self.ball(ends, np.arange(self.channels))
        for end, channel in zip(*np.nonzero(~np.isfinite(y.middle + y.radius)), strict=True):
            self.exact(int(ends[end, channel]), int(channel), PRECISIONS[-1])

    def reached(self, accumulator: int | Fraction, channel: int, twice: int, inclusive: bool) -> tuple[bool, float]:
        """Decide exactly whether y lies beyond the boundary ``twice / 2``; also its distance in float64.

        Raises:
            Reject: y cannot be told from the boundary at the highest precision.
        """
        boundary = Fraction(twice, 2)
        for bits in PRECISIONS:
            try:
                y = self.exact(accumulator, channel, bits)
            except ZeroDivisionError:
                continue
            if y.low > boundary or (inclusive and y.low == boundary):
                return True, float(y.low - boundary)
            if y.high < boundary or (not inclusive and y.high == boundary):
                return False, float(boundary - y.high)
        raise Reject(
            f"channel {channel} at the accumulator {accumulator} cannot be told from a rounding boundary "
            f"with {PRECISIONS[-1]} bits",
            "round to nearest (ROUND), or change the quantizer's scale in its last digit",
        )
