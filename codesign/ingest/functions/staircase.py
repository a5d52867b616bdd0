"""The exact staircase of a segment: where each channel's integer output steps up, over the whole input range.

float64 finds each step; a bound of its error proves it, or rational arithmetic decides. The function is monotone by
its structure, so the two values beside a step settle all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from codesign.errors import Reject
from codesign.ingest.functions.function import Function
from codesign.ingest.report import FLOAT32, NearTie

FAR = 2.0**40
"""Beyond the clamp of every quantizer, and still an integer in float64."""
LARGEST = 2**24
"""Steps over all channels that are derived: 16 bits for 256 channels."""


@dataclass(frozen=True, eq=False)
class Staircase:
    """Per channel: output ``values[l]`` from the oriented accumulator ``steps[c, l]`` on, ``base`` before.

    Attributes:
        descending: bool [C]: the oriented accumulator is -accumulator, so that every staircase rises.
        low, high: range of the oriented accumulator, int64 [C].
        steps: int64 [C, L], ascending along L, within [low, high + 1]: ``high + 1`` is never reached, ``low`` always.
        values: int64 [L], rising; the output's integers, zero point subtracted.
        base: the output below every step.
        margin: smallest distance of y to a boundary on either side of a step, in steps of the quantizer.
        decided_exactly: how many steps rational arithmetic had to decide.
        near_ties: accumulators at which a float32 run may differ.
        below: the largest oriented accumulator below each step that can occur, int64 [C, L]; None: the next one.
    """

    descending: np.ndarray
    low: np.ndarray
    high: np.ndarray
    steps: np.ndarray
    values: np.ndarray
    base: int
    margin: float
    decided_exactly: int
    near_ties: tuple[NearTie, ...]
    below: np.ndarray | None = None

    @property
    def before(self) -> np.ndarray:
        """``below``, or what is next to each step."""
        return self.steps - 1 if self.below is None else self.below

    @property
    def live(self) -> np.ndarray:
        """bool [C, L]: steps that lie within the range, with values on both sides."""
        return (self.steps > self.low[:, None]) & (self.steps <= self.high[:, None])

    def at_ends(self) -> tuple[np.ndarray, np.ndarray]:
        """Outputs at the two ends of the oriented range, int64 [C] each."""
        outputs = np.concatenate([[self.base], self.values])
        first = (self.steps <= self.low[:, None]).sum(1)
        last = (self.steps <= self.high[:, None]).sum(1)
        return outputs[first], outputs[last]


def build(function: Function, low: np.ndarray, high: np.ndarray, tie: float) -> Staircase:
    """Derive the staircase for accumulators in [low, high] (int64 [C]); distances up to ``tie`` are near ties.

    Raises:
        Reject: a step cannot be decided.
    """
    function.check_defined(low, high)
    descending = function.direction() < 0
    first, last = np.where(descending, -high, low), np.where(descending, -low, high)
    levels, twice, inclusive, base = levels_of(function, low, high)
    search = Search(function, descending, first, last)
    channel = np.broadcast_to(np.arange(function.channels)[:, None], (function.channels, len(levels)))
    boundary = np.broadcast_to(twice / 2, channel.shape)
    included = np.broadcast_to(inclusive, channel.shape)
    steps = search.bisect(channel, boundary, included, search.brackets(boundary, included))
    steps, distance, error, decided = search.certify(steps, channel, boundary, included)
    reach = np.maximum(tie, error * FLOAT32)
    close = np.nonzero(distance <= reach)
    ties = search.near(channel[close], boundary[close], distance[close], reach[close])
    # Levels that every channel has passed before its range, or that none reaches, need no step.
    always, never = (steps <= first[:, None]).all(0), (steps > last[:, None]).all(0)
    base = int(levels[always].max(initial=base))
    steps, levels = steps[:, ~always & ~never], levels[~always & ~never]
    return Staircase(
        descending=descending,
        low=first,
        high=last,
        steps=steps,
        values=levels - function.quantizer.zero,
        base=base - function.quantizer.zero,
        margin=float(distance.min(initial=np.inf)),
        decided_exactly=decided,
        near_ties=ties,
    )


def levels_of(function: Function, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Levels that any channel may reach: (levels, twice their boundaries, boundary included, level below them all)."""
    y = function.ball(np.stack([low, high]), np.arange(function.channels))
    return levels_between(function, y.middle - y.radius, y.middle + y.radius)


def levels_between(
    function: Function, lowest: np.ndarray, highest: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """As ``levels_of``, for y in [lowest, highest] (float64, any shape; no number: unknown)."""
    first = int(np.floor(_within(lowest, -FAR).min())) - 1
    last = int(np.ceil(_within(highest, FAR).max())) + 1
    quantizer = function.quantizer
    count = min(last, quantizer.high) - max(first, quantizer.low + 1) + 1
    if count * function.channels > LARGEST:
        raise Reject(
            f"its quantizer has {count} levels for {function.channels} channels",
            "use a quantizer of 16 bits or fewer",
        )
    levels, twice, inclusive = quantizer.levels(first, last)
    if quantizer.bipolar:
        return levels, twice, inclusive, 0
    return levels, twice, inclusive, min(max(first - 1, quantizer.low), quantizer.high)


def _within(ends: np.ndarray, unknown: float) -> np.ndarray:
    return np.clip(np.where(np.isnan(ends), unknown, ends), -FAR, FAR)


@dataclass(frozen=True, eq=False)
class Search:
    """Searches over oriented accumulators z; arrays of any shape, one entry for each (channel, boundary)."""

    function: Function
    descending: np.ndarray
    first: np.ndarray
    last: np.ndarray

    def accumulator(self, z: np.ndarray, channel: np.ndarray) -> np.ndarray:
        return np.where(self.descending[channel], -z, z)

    def exactly(self, z: int, channel: int) -> Fraction:
        """One accumulator as a number of its own."""
        return Fraction(-z if self.descending[channel] else z)

    def brackets(self, boundary: np.ndarray, inclusive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where to bisect for each of [C, L] boundaries, from y on a grid: many levels would bisect the same way.

        float64's y rises with z as the real one does, for a rounded operation keeps the order of its operands.
        """
        channels, levels = boundary.shape
        span = self.last - self.first
        count = int(min(span.max() + 1, 4 * levels + 2))
        grid = self.first[:, None] + span[:, None] * np.arange(count) // max(count - 1, 1)
        channel = np.broadcast_to(np.arange(channels)[:, None], grid.shape)
        y = self.function.ball(self.accumulator(grid, channel), channel).middle
        low, high = np.empty(boundary.shape, np.int64), np.empty(boundary.shape, np.int64)
        for c in range(channels):
            at, above = (np.searchsorted(y[c], boundary[c], side) for side in ("left", "right"))
            index = np.where(inclusive[c], at, above)
            low[c] = np.where(index > 0, grid[c][np.maximum(index - 1, 0)] + 1, self.first[c])
            high[c] = np.where(index < count, grid[c][np.minimum(index, count - 1)], self.last[c] + 1)
        return np.minimum(low, high), high

    def bisect(
        self,
        channel: np.ndarray,
        boundary: np.ndarray,
        inclusive: np.ndarray,
        brackets: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> np.ndarray:
        """First z whose float64 y lies beyond the boundary; ``last + 1`` where none does."""
        low, high = brackets or (self.first[channel], self.last[channel] + 1)
        while (low < high).any():
            middle = (low + high) >> 1
            y = self.function.ball(self.accumulator(np.minimum(middle, self.last[channel]), channel), channel).middle
            beyond = ((y > boundary) | ((y == boundary) & inclusive)) | (middle > self.last[channel])
            low, high = np.where(beyond | (low >= high), low, middle + 1), np.where(beyond, middle, high)
        return low

    def certify(
        self, steps: np.ndarray, channel: np.ndarray, boundary: np.ndarray, inclusive: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
        """Prove each step on both sides.

        Returns:
            the steps, the distance of y to the boundary, the bound of y's error, how many were decided exactly.
        """
        distance, unsure, error = np.full(steps.shape, np.inf), np.zeros(steps.shape, bool), np.zeros(steps.shape)
        for z, beyond in ((steps - 1, False), (steps, True)):
            inside = (z >= self.first[channel]) & (z <= self.last[channel])
            y = self.function.ball(self.accumulator(np.where(inside, z, self.first[channel]), channel), channel)
            gap = y.middle - boundary
            proven = (np.abs(gap) > y.radius * (1 + 1e-12)) & ((gap > 0) == beyond)
            unsure |= inside & ~proven
            distance = np.where(inside, np.minimum(distance, np.abs(gap)), distance)
            error = np.maximum(error, y.radius)
        steps = steps.copy()
        for i in zip(*np.nonzero(unsure), strict=True):
            c, twice = int(channel[i]), round(2 * boundary[i])
            steps[i], distance[i] = self._settle(int(steps[i]), c, twice, bool(inclusive[i]))
        return steps, distance, error, int(unsure.sum())

    def _settle(self, step: int, channel: int, twice: int, inclusive: bool) -> tuple[int, float]:
        """The step by rational arithmetic, and the smaller distance beside it."""
        first, last = int(self.first[channel]), int(self.last[channel])

        def reached(z: int) -> tuple[bool, float]:
            return self.function.reached(self.exactly(z, channel), channel, twice, inclusive)

        low, high = first, last + 1
        if (step > last or reached(step)[0]) and (step <= first or not reached(step - 1)[0]):
            low = high = step
        while low < high:
            middle = (low + high) >> 1
            low, high = (low, middle) if reached(middle)[0] else (middle + 1, high)
        return low, min((reached(z)[1] for z in (low - 1, low) if first <= z <= last), default=np.inf)

    def near(
        self, channel: np.ndarray, boundary: np.ndarray, distance: np.ndarray, tie: np.ndarray
    ) -> tuple[NearTie, ...]:
        """The runs of accumulators whose y lies within ``tie`` of a boundary."""
        start = self.bisect(channel, boundary - tie, np.ones(channel.shape, bool))
        end = self.bisect(channel, boundary + tie, np.zeros(channel.shape, bool)) - 1
        ends = np.sort(np.stack([self.accumulator(start, channel), self.accumulator(end, channel)]), axis=0)
        rows = zip(channel.tolist(), ends[0].tolist(), ends[1].tolist(), distance.tolist(), strict=True)
        return tuple(NearTie(c, a, b, d) for c, a, b, d in rows)
