"""A sum of two tensors of unequal scales, up to its quantizer: q(f(s a + t b)) as a function of one integer.

With the value of one operand fixed, the output is a function of the other alone, whose exact steps are known. Integers
p and q are sought such that p a + q b alone tells the output. That is checked at both ends of every run of inputs with
one output, for every value of the fixed operand; p a + q b never turns in between, so that it holds for every pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.graph import Add, bits_for
from codesign.ingest.functions import requantizer, runs, staircase, table
from codesign.ingest.functions.function import Function
from codesign.ingest.functions.integer_function import Compiled, of_runs
from codesign.ingest.functions.quantizer import Quantizer
from codesign.ingest.functions.runs import Runs
from codesign.ingest.numbers.ball import Ball
from codesign.ingest.operands import SAME_QUANTIZER, different_scales
from codesign.ingest.report import NearTie
from codesign.ingest.state import TURNS, IntegerTensor, Segment

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler

FRACTION_BITS = 24
"""Weights are sought up to 2**FRACTION_BITS."""
LARGEST = 2**16
"""Values of the narrower operand, over all channels that differ, that are examined one by one."""
WIDEST = 32
"""Bits that the weighted sum may have."""


def pair(x: IntegerTensor, y: IntegerTensor, minus: bool) -> Segment:
    """x + y or x - y, to be compiled with what follows; both stand in the graph as the model has them.

    Raises:
        Reject: no weights are common to all channels, or both operands have too many values.
    """
    if len({s / t for s, t in zip(x.scale, y.scale, strict=True)}) > 1:
        raise Reject(f"it is {different_scales(x, y)}, and the ratio differs among the channels", SAME_QUANTIZER)
    if min(_span(x), _span(y)) > LARGEST:
        raise Reject(f"it is {different_scales(x, y)}, and both have more than 16 bits", SAME_QUANTIZER)
    return Segment(x, x.shape, other=replace(y, scale=tuple(-s for s in y.scale)) if minus else y)


def end(
    compiler: Compiler, segment: Segment, quantizer: Quantizer, output: str, names: tuple[str, ...]
) -> tuple[IntegerTensor, Compiled]:
    """Append the weighted sum: its tensor, and the function of it.

    Raises:
        Reject: no weights tell the output of every pair, or a pair cannot be decided.
    """
    x, y = segment.source, segment.other
    assert y is not None
    kind, first = _kinds(segment, quantizer)
    pieces = _Pieces.of(segment, quantizer, first, compiler.tie_distance)
    best: tuple[tuple[int, int], Runs] | None = None
    for weights in _weights(x.scale[0], y.scale[0]):
        made = pieces.seen_through(weights)
        if made is None:
            continue
        stairs = made.staircase()
        simple = stairs is None or len(stairs.values) < 4 or requantizer.fit(stairs) is not None
        if best is None or simple:
            best = weights, made
        if simple:
            break
    if best is None:  # then every pair gets a number of its own
        weights = (1, _span(x)) if pieces.swapped else (_span(y), 1)
        numbered = pieces.seen_through(weights)
        if numbered is None or np.bincount(numbered.channel).max() > table.LARGEST_TABLE:
            reason = f"it ends {different_scales(x, y)}: weights of {FRACTION_BITS} bits do not tell its output"
            raise Reject(reason, SAME_QUANTIZER)
        best = weights, numbered
    weights, made = best
    operator = Add(inputs=(x.tensor.name, y.tensor.name), output=f"{output}_sum", coefficients=weights)
    total = compiler.emit(operator, [x, y], x.shape, tuple(s / weights[0] for s in x.scale))
    return total, of_runs(_spread(made, kind), total.tensor.name, output, names)


def _span(x: IntegerTensor) -> int:
    return int(x.tensor.high.max() - x.tensor.low.min()) + 1


def _weights(x: Fraction, y: Fraction) -> Iterator[tuple[int, int]]:
    """Integers in about the ratio x : y, of their signs, simple ones first."""
    seen = set()
    for bits in range(FRACTION_BITS + 1):
        if abs(x) >= abs(y):
            ratio = (x / abs(y)).limit_denominator(2**bits)
            found = ratio.numerator, ratio.denominator * (1 if y > 0 else -1)
        else:
            ratio = (y / abs(x)).limit_denominator(2**bits)
            found = ratio.denominator * (1 if x > 0 else -1), ratio.numerator
        if found not in seen:
            seen.add(found)
            yield found


def _kinds(segment: Segment, quantizer: Quantizer) -> tuple[np.ndarray, np.ndarray]:
    """Channels with the same parameters: the kind of each channel, int64 [C], and one channel of each kind [K]."""
    x, y = segment.source, segment.other
    assert y is not None
    exact = list(zip(x.scale, x.shifts, y.scale, y.shifts, strict=True))
    number = {row: i for i, row in enumerate(dict.fromkeys(exact))}
    columns = [np.array([number[row] for row in exact], np.float64), quantizer.scale]

    def lift(parameter: np.ndarray) -> Ball:
        columns.append(parameter)
        return Ball.exactly(parameter)

    value = Ball.exactly(np.zeros(len(exact)))
    with np.errstate(all="ignore"):
        for step in segment.steps:
            value = step.formula(value, lift)
            columns.append(step.direction)
    _, first, kind = np.unique(np.stack(columns, 1), axis=0, return_index=True, return_inverse=True)
    return kind.reshape(-1), first


def _spread(made: Runs, kind: np.ndarray) -> Runs:
    """The runs of every channel from those of its kind."""
    start = np.searchsorted(made.channel, np.arange(kind.max() + 2))
    index = np.concatenate([np.arange(start[k], start[k + 1]) for k in kind])
    channel = np.repeat(np.arange(len(kind)), np.diff(start)[kind])
    ties: dict[int, list[NearTie]] = {}
    for tie in made.near_ties:
        ties.setdefault(tie.channel, []).append(tie)
    return replace(
        made,
        channel=channel,
        first=made.first[index],
        last=made.last[index],
        value=made.value[index],
        near_ties=tuple(replace(t, channel=c) for c, k in enumerate(kind.tolist()) for t in ties.get(k, [])),
    )


@dataclass(frozen=True, eq=False)
class _Pieces:
    """For every kind of channel and value of the fixed operand: runs of the free one with one output, int64 [R] each.

    Attributes:
        swapped: the second operand is the fixed one.
        ties: (kind, fixed, first, last, distance) of near ties.
    """

    kind: np.ndarray
    fixed: np.ndarray
    first: np.ndarray
    last: np.ndarray
    value: np.ndarray
    swapped: bool
    margin: float
    decided_exactly: int
    ties: tuple[tuple[int, int, int, int, float], ...]

    @staticmethod
    def of(segment: Segment, quantizer: Quantizer, channels: np.ndarray, tie: float) -> _Pieces:
        """Derive the runs of one channel of each kind.

        Raises:
            Reject: there are too many, or one cannot be decided.
        """
        x, y = segment.source, segment.other
        assert y is not None
        swapped = _span(y) < _span(x)
        fixed, free = (y, x) if swapped else (x, y)
        values = np.arange(fixed.tensor.low.min(), fixed.tensor.high.max() + 1)
        count = len(values)
        if count * len(channels) > LARGEST:
            reason = f"it ends {different_scales(x, y)}: {count} values of the narrower one in {len(channels)} kinds"
            raise Reject(f"{reason} of channels are too many", SAME_QUANTIZER)
        scale, shift = [], []
        for c in channels.tolist():
            ratio = fixed.scale[c] / free.scale[c]
            start = free.shifts[c] + fixed.shifts[c] * ratio
            scale += [free.scale[c]] * count
            shift += [start + v * ratio for v in values.tolist()]
        function = Function(tuple(scale), segment.steps, quantizer, tuple(shift), np.repeat(channels, count))
        low = np.full(len(scale), free.tensor.low.min())
        high = np.full(len(scale), free.tensor.high.max())
        if (function.direction() == TURNS).any():
            found = runs.find(function, low, high, tie)
        else:
            found = _runs_of(staircase.build(function, low, high, tie))
        kind, place = np.divmod(found.channel, count)
        ties = [(*divmod(t.channel, count), t.first, t.last, t.distance) for t in found.near_ties]
        return _Pieces(
            kind=kind,
            fixed=values[place],
            first=found.first,
            last=found.last,
            value=found.value,
            swapped=swapped,
            margin=found.margin,
            decided_exactly=found.decided_exactly,
            ties=tuple((k, int(values[i]), a, b, d) for k, i, a, b, d in ties),
        )

    def seen_through(self, weights: tuple[int, int]) -> Runs | None:
        """The output as runs of the weighted sum, for each kind; None where a sum belongs to two outputs."""
        p, q = weights[::-1] if self.swapped else weights
        if bits_for(*self._ends(p, q))[0] > WIDEST:
            return None
        one, other = (p * self.fixed + q * b for b in (self.first, self.last))
        low, high = np.minimum(one, other), np.maximum(one, other)
        order = np.lexsort((low, self.kind))
        kind, low, high, value = (v[order] for v in (self.kind, low, high, self.value))
        # The highest sum so far, of this kind.
        offset = kind * 2 ** (WIDEST + 2)
        highest = np.maximum.accumulate(high + offset) - offset
        begins = np.append(True, (np.diff(kind) != 0) | (np.diff(value) != 0))
        inner = np.nonzero(begins & np.append(False, np.diff(kind) == 0))[0]
        if (highest[inner - 1] >= low[inner]).any():
            return None
        start = np.nonzero(begins)[0]
        ties = []
        for k, a, first, last, distance in self.ties:
            ends = sorted((p * a + q * first, p * a + q * last))
            ties.append(NearTie(k, ends[0], ends[1], distance))
        return Runs(
            channel=kind[start],
            first=low[start],
            last=highest[np.append(start[1:], len(begins)) - 1],
            value=value[start],
            margin=self.margin,
            decided_exactly=self.decided_exactly,
            near_ties=tuple(sorted(ties, key=lambda t: (t.channel, t.first))),
        )

    def _ends(self, p: int, q: int) -> tuple[int, int]:
        corners = [p * int(a) + q * int(b) for a in (self.fixed.min(), self.fixed.max()) for b in self._free()]
        return min(corners), max(corners)

    def _free(self) -> tuple[int, int]:
        return int(self.first.min()), int(self.last.max())


def _runs_of(stairs: staircase.Staircase) -> Runs:
    """A staircase as runs."""
    edges = np.column_stack([stairs.low, np.clip(stairs.steps, stairs.low[:, None], stairs.high[:, None] + 1)])
    first, last = edges, np.column_stack([edges[:, 1:], stairs.high + 1]) - 1
    falls = stairs.descending[:, None]
    first, last = np.where(falls, -last, first), np.where(falls, -first, last)
    kept = first <= last
    channel = np.broadcast_to(np.arange(len(first))[:, None], first.shape)[kept]
    value = np.broadcast_to(np.append(stairs.base, stairs.values), first.shape)[kept]
    order = np.lexsort((first[kept], channel))
    return Runs(
        channel=channel[order],
        first=first[kept][order],
        last=last[kept][order],
        value=value[order],
        margin=stairs.margin,
        decided_exactly=stairs.decided_exactly,
        near_ties=stairs.near_ties,
    )
