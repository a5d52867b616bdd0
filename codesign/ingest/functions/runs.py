"""The exact output of a segment that may rise and fall: runs of accumulators with one output.

Ranges of accumulators are split until y over a whole range is proven to lie between two neighbouring rounding
boundaries; float64 with a bound of its error proves it, or rational arithmetic decides single accumulators. Nothing is
assumed of the function, so that every accumulator is covered by a proof, however many there are.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from codesign.errors import Reject
from codesign.ingest.functions.function import PRECISIONS, Function
from codesign.ingest.functions.staircase import Staircase, levels_between
from codesign.ingest.report import FLOAT32, NearTie

LARGEST = 2**21
"""Ranges that are under examination at once; a function that needs more turns too often."""
DECIDED = 2**14
"""Accumulators that rational arithmetic may have to decide."""
VANISHING = 1e-200
"""Below this distance float64 is of no use: a tail of the exponential beside a boundary at zero."""
QUANTIZE_FIRST = "put a quantizer before it, so that it reads few bits"


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs in the order of (channel, accumulator); what lies between two of them cannot occur.

    Attributes:
        channel, first, last: the accumulators ``first`` to ``last`` of a channel, int64 [K].
        value: the output's integer, zero point subtracted, int64 [K].
        margin: smallest distance of y to a boundary beside a change of the output, in steps of the quantizer.
        decided_exactly: how many accumulators rational arithmetic had to decide.
        near_ties: accumulators at which a float32 run may differ.
    """

    channel: np.ndarray
    first: np.ndarray
    last: np.ndarray
    value: np.ndarray
    margin: float
    decided_exactly: int
    near_ties: tuple[NearTie, ...]

    def staircase(self) -> Staircase | None:
        """The same as a staircase, if no channel both rises and falls."""
        change = np.where(np.diff(self.channel) == 0, np.diff(self.value), 0)
        channels = int(self.channel[-1]) + 1
        rises, falls = (np.bincount(self.channel[1:], side, channels) > 0 for side in (change > 0, change < 0))
        if (rises & falls).any():
            return None
        base = int(self.value.min())
        levels = np.arange(base + 1, int(self.value.max()) + 1)
        start = np.searchsorted(self.channel, np.arange(channels))
        end = np.searchsorted(self.channel, np.arange(channels), "right")
        low = np.where(falls, -self.last[end - 1], self.first[start])
        high = np.where(falls, -self.first[start], self.last[end - 1])
        steps, below = np.empty((2, channels, len(levels)), np.int64)
        for c, (a, b) in enumerate(zip(start, end, strict=True)):
            first, last, value = self.first[a:b], self.last[a:b], self.value[a:b]
            if falls[c]:
                first, last, value = -last[::-1], -first[::-1], value[::-1]
            run = np.searchsorted(value, levels)
            steps[c], below[c] = np.append(first, high[c] + 1)[run], np.append(low[c] - 1, last)[run]
        numbers = self.margin, self.decided_exactly, self.near_ties
        return Staircase(falls, low, high, steps, levels, base, *numbers, below)


def find(function: Function, low: np.ndarray, high: np.ndarray, tie: float) -> Runs:
    """The runs for accumulators in [low, high] (int64 [C]); distances up to ``tie`` are near ties.

    Raises:
        Reject: an accumulator cannot be decided, or the output changes too often.
    """
    function.check_defined(low, high)
    found = _cover(_Search.of(function, low, high, tie), low, high)
    inner = np.nonzero(np.diff(found.channel) == 0)[0] + 1  # where the output changes, y lies beside a boundary
    error = function.ball(found.first[inner], found.channel[inner]).radius
    reach = 2 * FLOAT32 * float(error[np.isfinite(error)].max(initial=0))
    return found if reach <= tie else _cover(_Search.of(function, low, high, reach), low, high)


def _cover(search: _Search, low: np.ndarray, high: np.ndarray) -> Runs:
    """The runs of the whole range."""
    done: list[np.ndarray] = []
    decided = 0
    pieces = _split(np.stack([np.arange(len(low)), low, high]), 64)
    while pieces.shape[1]:
        if pieces.shape[1] > LARGEST:
            raise Reject(f"its output changes more than {LARGEST} times over its range", QUANTIZE_FIRST)
        level, near, sure, vanishing = search.judge(pieces)
        single = pieces[1] == pieces[2]
        for i in np.nonzero(vanishing & ~single & ~sure)[0]:
            found = search.decide_all(*pieces[:, i].tolist())
            if found is not None:
                level[i], sure[i] = found, True
                decided += 1
        for i in np.nonzero(single & ~sure)[0]:
            level[i] = search.decide(int(pieces[0, i]), int(pieces[1, i]))
            decided += 1
            if decided > DECIDED:
                raise Reject(f"more than {DECIDED} of its inputs lie on rounding boundaries", QUANTIZE_FIRST)
        ready = sure | single
        done.append(np.stack([*pieces[:, ready], level[ready], near[ready]]))
        pieces = _split(pieces[:, ~ready])
    made = np.concatenate(done, axis=1)
    made = made[:, np.lexsort((made[1], made[0]))]
    return search.report(made, decided)


def _split(pieces: np.ndarray, parts: int = 4) -> np.ndarray:
    """Every piece [channel, first, last] in up to ``parts`` parts."""
    channel, first, last = pieces[:, :, None]
    size = last - first + 1
    edge = np.minimum(np.arange(parts + 1), size) * size // np.minimum(size, parts)
    edge = first + np.minimum(edge, size)
    start, end = edge[:, :-1], edge[:, 1:] - 1
    kept = start <= end
    return np.stack([np.broadcast_to(channel, start.shape)[kept], start[kept], end[kept]])


@dataclass(frozen=True, eq=False)
class _Search:
    """Boundaries of the levels above ``base`` (float64, exact), and how near to one counts as a near tie."""

    function: Function
    boundary: np.ndarray
    inclusive: np.ndarray
    base: int
    reach: float

    @staticmethod
    def of(function: Function, low: np.ndarray, high: np.ndarray, reach: float) -> _Search:
        y = function.over(low, high, np.arange(function.channels))
        with np.errstate(invalid="ignore"):
            ends = y.middle - y.radius, y.middle + y.radius
        _, twice, inclusive, base = levels_between(function, *ends)
        return _Search(function, twice / 2, inclusive, base, reach)

    def judge(self, pieces: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Of each of K pieces: its level, whether it is a near tie, whether both hold for the whole piece, and whether
        it is closer to a boundary than float64 can tell."""
        y = self.function.over(pieces[1], pieces[2], pieces[0])
        with np.errstate(invalid="ignore"):
            room = np.where(y.radius > 0, np.nextafter(y.radius * (1 + 1e-12), np.inf), 0.0)
            known = np.isfinite(y.middle) & np.isfinite(room)
            middle = np.where(known, y.middle, 0.0)
            low = np.where(room > 0, np.nextafter(middle - room, -np.inf), middle)
            high = np.where(room > 0, np.nextafter(middle + room, np.inf), middle)
        below = np.searchsorted(self.boundary, low, "left")
        above = np.searchsorted(self.boundary, high, "right")
        point = known & (low == high)
        on = np.minimum(below, max(len(self.boundary) - 1, 0))
        passed = np.where(above > below, self.inclusive[on], False) if len(self.inclusive) else np.zeros(len(on), bool)
        level = self.base + below + (point & passed)
        nearest = self._distance(middle)
        # Nothing within the piece lies on the other side of the edge of the near ties, or it is listed to be safe.
        slack = np.where(high - low < self.reach * 0.2, high - low, 0.0)
        apart = (np.abs(nearest - self.reach) > (high - low) * 0.51) | (slack > 0)
        single = pieces[1] == pieces[2]
        sure = known & ((below == above) | point) & (apart | single | point)
        return level, (nearest <= self.reach + slack) | ~known, sure, known & (room < VANISHING) & (below < above)

    def _distance(self, y: np.ndarray) -> np.ndarray:
        if not len(self.boundary):
            return np.full(y.shape, np.inf)
        after = np.clip(np.searchsorted(self.boundary, y), 1, max(len(self.boundary) - 1, 1))
        before = self.boundary[after - 1]
        return np.minimum(np.abs(y - before), np.abs(y - self.boundary[np.minimum(after, len(self.boundary) - 1)]))

    def decide_all(self, channel: int, first: int, last: int) -> int | None:
        """The level of all accumulators from ``first`` to ``last``, in rationals, if they have but one."""
        try:
            y = self.function.exact_over(first, last, channel, PRECISIONS[0])
        except ZeroDivisionError:
            return None
        boundary, passed = self._boundaries, []
        for end in (y.low, y.high):
            count = bisect_left(boundary, end)  # Python compares a Fraction with a float exactly
            while count < len(boundary) and boundary[count] == end and self.inclusive[count]:
                count += 1
            passed.append(count)
        return self.base + passed[0] if passed[0] == passed[1] else None

    @cached_property
    def _boundaries(self) -> list[float]:
        return list(self.boundary.tolist())

    def decide(self, channel: int, accumulator: int) -> int:
        """The level of one accumulator, in rationals."""
        found = self.decide_all(channel, accumulator, accumulator)
        if found is not None:
            return found
        low, high = 0, len(self.boundary)
        while low < high:
            middle = (low + high) // 2
            twice, inclusive = round(2 * self.boundary[middle]), bool(self.inclusive[middle])
            if self.function.reached(accumulator, channel, twice, inclusive)[0]:
                low = middle + 1
            else:
                high = middle
        return self.base + low

    def report(self, pieces: np.ndarray, decided: int) -> Runs:
        """Join neighbouring pieces [channel, first, last, level, near], and measure how close the boundaries are."""
        channel, first, last, level, near = pieces
        with np.errstate(invalid="ignore"):
            ends = [self._distance(self.function.ball(z, channel).middle) for z in (first, last)]
        distance = np.where(np.isnan(ends).any(0), 0.0, np.minimum(*ends))
        begins = np.append(True, (np.diff(channel) != 0) | (np.diff(level) != 0))
        start = np.nonzero(begins)[0]
        end = np.append(start[1:], len(begins)) - 1
        inner = start[1:][np.diff(channel[start]) == 0]
        margin = min(ends[0][inner].min(initial=np.inf), ends[1][inner - 1].min(initial=np.inf))
        return Runs(
            channel=channel[start],
            first=first[start],
            last=last[end],
            value=level[start] - self.function.quantizer.zero,
            margin=float(margin),
            decided_exactly=decided,
            near_ties=_ties(channel, first, last, near.astype(bool), distance),
        )


def _ties(
    channel: np.ndarray, first: np.ndarray, last: np.ndarray, near: np.ndarray, distance: np.ndarray
) -> tuple[NearTie, ...]:
    begins = near & ~np.append(False, near[:-1] & (np.diff(channel) == 0))
    start = np.nonzero(begins)[0]
    if not len(start):
        return ()
    end = np.nonzero(near & ~np.append(near[1:] & (np.diff(channel) == 0), False))[0]
    joined = np.minimum.reduceat(np.where(near, distance, np.inf), start)
    rows = zip(channel[start].tolist(), first[start].tolist(), last[end].tolist(), joined.tolist(), strict=True)
    return tuple(NearTie(*row) for row in rows)
