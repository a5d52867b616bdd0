"""Float operators that lead from integers to integers, in front of an operator that reads integers.

Relu, Clip and Neg of integers are clamps of them as long as the bounds are whole steps; where an input has few values,
any function with rational values is a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count
from math import gcd, lcm
from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.errors import Reject
from codesign.graph import Operator, Requantize
from codesign.graph.operators.table import Table
from codesign.ingest.functions.affine import line
from codesign.ingest.numbers.numbers import Interval
from codesign.ingest.operands import as_seen
from codesign.ingest.state import IntegerTensor, Segment, State, Step

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler

TABLE_VALUES = 2**14
"""Values of a table, over all channels, that are computed in rationals."""
TABLE_BITS = 16
"""Bits that a table's values may have."""


def as_integers(compiler: Compiler, inputs: Sequence[State | None]) -> list[State | None]:
    """The same, with integers for every segment of which that can be said; others stay as they are."""
    return [_integers(compiler, x) or x if isinstance(x, Segment) else x for x in inputs]


def _integers(compiler: Compiler, segment: Segment) -> State | None:
    if segment.other is not None or all(s.affine for s in segment.steps):
        return None
    key = (segment.source.tensor.name, segment.source.scale, segment.source.shift, *map(id, segment.steps))
    if key not in compiler.clamped:
        made = _clamp(compiler, segment) or _table(compiler, segment)
        if made is None:
            return None
        compiler.clamped[key] = made
    made = compiler.clamped[key]
    return made if segment.view is None else as_seen(made, segment.view)


@dataclass(frozen=True)
class _Clamp:
    """Of one channel: value = scale * (clamp(integer, low, high) + shift)."""

    scale: Fraction
    shift: Fraction
    low: int
    high: int

    def then(self, step: Step, channel: int) -> _Clamp | None:
        """With one more step, if that is a line, or a clamp at whole integers."""
        if step.affine:
            slope, offset = line([step], channel, Fraction(1), Fraction(0))
            if not (slope.exact and offset.exact and slope.low):
                return None
            scale = self.scale * slope.low
            return replace(self, scale=scale, shift=self.shift + offset.low / scale)
        if step.clamp is None:
            return None
        ends = [None if b is None else Fraction(float(b[channel])) / self.scale - self.shift for b in step.clamp]
        bottom, top = ends if self.scale > 0 else ends[::-1]
        low, high = Fraction(self.low), Fraction(self.high)
        if bottom is not None:
            low, high = max(low, bottom), max(high, bottom)
        if top is not None:
            low, high = min(low, top), min(high, top)
        if low.denominator != 1 or high.denominator != 1:
            return None
        return replace(self, low=int(low), high=int(high))


def _clamp(compiler: Compiler, segment: Segment) -> IntegerTensor | None:
    """The integers, clamped and perhaps negated; None: the steps are not all that simple."""
    source, made = segment.source, []
    low, high = source.tensor.low, source.tensor.high
    for c, (scale, shift) in enumerate(zip(source.scale, source.shifts, strict=True)):
        found: _Clamp | None = _Clamp(scale, shift, int(low[c]), int(high[c]))
        for step in segment.steps:
            found = found.then(step, c) if found is not None else None
        if found is None:
            return None
        made.append(found)
    sign = np.array([1 if m.scale > 0 else -1 for m in made])
    kept = np.sort(sign * np.array([[m.low for m in made], [m.high for m in made]]), axis=0)
    reached = np.sort(sign * np.stack([low, high]), axis=0)
    bottom, top = int(kept[0].min()), int(kept[1].max())
    # One pair of bounds serves all channels, so that none may be cut where another goes on.
    if not np.array_equal(np.clip(reached, bottom, top), kept):
        return None
    operator = Requantize(
        inputs=(source.tensor.name,),
        output=_name(compiler, f"{source.tensor.name}_clamped"),
        source=tuple(s.node for s in segment.steps),
        multiplier=sign.astype(np.int64),
        offset=np.zeros(len(sign), np.int64),
        shift=0,
        low=bottom,
        high=top,
    )
    shifts = tuple(m.shift * int(s) for m, s in zip(made, sign, strict=True))
    return _emit(compiler, operator, source, tuple(abs(m.scale) for m in made), shifts)


def _table(compiler: Compiler, segment: Segment) -> IntegerTensor | None:
    """Every value in rationals, in the largest steps that hold them all; None: too many, or no such steps."""
    source = segment.source
    first, last = int(source.tensor.low.min()), int(source.tensor.high.max())
    if (last - first + 1) * len(source.scale) > TABLE_VALUES:
        return None
    rows, scales = [], []
    for c, (scale, shift) in enumerate(zip(source.scale, source.shifts, strict=True)):
        try:
            made = [_value(segment.steps, c, (z + shift) * scale) for z in range(first, last + 1)]
        except (Reject, ZeroDivisionError):
            return None
        if not all(v.exact for v in made):
            return None
        values = [v.low for v in made]
        bottom = lcm(*(v.denominator for v in values))
        step = Fraction(gcd(*(int(v * bottom) for v in values)), bottom) or Fraction(1)
        rows.append([int(v / step) for v in values])
        scales.append(step)
    table = np.array(rows, dtype=object)
    if abs(table).max() >= 2 ** (TABLE_BITS - 1):
        return None
    unique = (table == table[0]).all()
    operator = Table(
        inputs=(source.tensor.name,),
        output=_name(compiler, f"{source.tensor.name}_looked_up"),
        source=tuple(s.node for s in segment.steps),
        values=(table[:1] if unique else table).astype(np.int64),
        first=np.full(len(rows), first, np.int64),
    )
    return _emit(compiler, operator, source, tuple(scales), ())


def _value(steps: Sequence[Step], channel: int, value: Fraction) -> Interval:
    def lift(parameter: np.ndarray) -> Interval:
        return Interval.exactly(Fraction(float(parameter[channel])), 64)

    x: Any = Interval.exactly(value, 64)
    for step in steps:
        x = step.formula(x, lift)
    return x


def _emit(
    compiler: Compiler,
    operator: Operator,
    source: IntegerTensor,
    scale: tuple[Fraction, ...],
    shift: tuple[Fraction, ...],
) -> IntegerTensor:
    made = compiler.emit(operator, [source], source.shape, scale)
    return replace(made, shift=shift if any(shift) else ())


def _name(compiler: Compiler, base: str) -> str:
    names = (base + (f"_{i}" if i else "") for i in count())
    return next(n for n in names if n not in compiler.tensors)
