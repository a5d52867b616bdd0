"""An index that is affine in the digits of a mixed-radix number: transposes, pixel shuffles, tiles."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from codesign.ingest.movement.plan import Plan


@dataclass(frozen=True)
class Digit:
    """``count`` elements of the result, ``stride`` apart in the flat source."""

    count: int
    stride: int


def affine(flat: np.ndarray) -> list[Digit] | None:
    """The digits of an index (int64 [N]), outermost first: ``flat[0] + sum(digit * stride)``; None: it has none."""
    digits: list[Digit] = []
    while flat.size > 1:
        stride = int(flat[1] - flat[0])
        breaks = np.flatnonzero(np.diff(flat) != stride)
        count = int(breaks[0]) + 1 if breaks.size else flat.size
        if flat.size % count:
            return None
        rows = flat.reshape(-1, count)
        if (rows != rows[:, :1] + np.arange(count) * stride).any():
            return None
        digits.insert(0, Digit(count, stride))
        flat = rows[:, 0]
    return digits


def by_digits(order: np.ndarray, plan: Plan) -> bool:
    """Append to ``plan`` what makes ``order`` (as in ``factor``); False where it is not of this form."""
    flat = order.reshape(-1)
    digits = affine(flat)
    if digits is None or any(d.stride < 0 for d in digits):
        return False
    source = plan.shape
    strides = [prod(source[a + 1 :]) for a in range(len(source))]
    split = _split(digits, source, strides)
    if split is None:
        return False
    start = [int(i) for i in np.unravel_index(int(flat[0]), source)]
    radices: list[int] = []
    ranges: list[range] = []
    place: dict[Digit, int] = {}  # digits with a stride are distinct
    refined = False
    for axis, (length, stride) in enumerate(zip(source, strides, strict=True)):
        own = sorted((d for d, a in split if a == axis), key=lambda d: -d.stride)
        made = _axis(own, length, stride, start[axis])
        if made is None:
            return False
        place |= {d: len(radices) + i for i, d in enumerate(own)}
        radices += made[0]
        ranges += made[1]
        refined |= len(own) > 1
    order_of_axes = [place[d] for d, a in split if a >= 0]
    if len(set(order_of_axes)) < len(order_of_axes):
        return False
    _emit(plan, radices, ranges, order_of_axes, refined)
    counts = tuple(d.count for d, _ in split)
    plan.reshape(tuple(d.count if d.stride else 1 for d, _ in split) or (1,))
    plan.expand(counts or (1,))
    plan.reshape(order.shape)
    return True


def _split(digits: list[Digit], source: tuple[int, ...], strides: list[int]) -> list[tuple[Digit, int]] | None:
    """Each digit with its axis of the source (-1: a repeat); digits that run over several axes are split."""
    result: list[tuple[Digit, int]] = []
    for digit in digits:
        parts: list[tuple[Digit, int]] = []
        count, stride = digit.count, digit.stride
        while count > 1 and stride:
            axis = next((a for a, t in enumerate(strides) if t <= stride and source[a] > 1), len(strides) - 1)
            above = next((strides[a] for a in reversed(range(axis)) if source[a] > 1), 0)
            if stride % strides[axis]:
                return None
            if not above or (count - 1) * stride < above:
                parts.insert(0, (Digit(count, stride), axis))
                break
            inner = above // stride
            if above % stride or count % inner:
                return None
            if inner > 1:
                parts.insert(0, (Digit(inner, stride), axis))
            count, stride = count // inner, above
        result += parts if digit.stride else [(digit, -1)]
    return result


def _axis(own: list[Digit], length: int, stride: int, start: int) -> tuple[list[int], list[range]] | None:
    """How an axis is cut for its digits, coarsest first: (lengths, what is kept of each)."""
    if not own:
        return [length], [range(start, start + 1)]
    steps = [d.stride // stride for d in own]
    radices, ranges, left = [], [], length
    for digit, step in zip(own[:-1], steps[:-1], strict=True):
        if left % step:
            return None
        radices.append(left // step)
        ranges.append(range(start // step, start // step + digit.count))
        left, start = step, start % step
    radices.append(left)
    ranges.append(range(start, start + (own[-1].count - 1) * steps[-1] + 1, steps[-1]))
    return (radices, ranges) if all(r[-1] < n for r, n in zip(ranges, radices, strict=True)) else None


def _emit(plan: Plan, radices: list[int], ranges: list[range], axes: list[int], refined: bool) -> None:
    """Reshape to the digits, slice, transpose; ``axes``: for each digit of the result with a stride, its axis."""
    if not refined:  # the axes are the source's own
        plan.slice(ranges)
        left = [a for a in range(len(radices)) if a not in axes]
        plan.transpose((*left, *axes))
        return
    if any(r != range(n) for r, n in zip(ranges, radices, strict=True)):
        plan.reshape(tuple(radices))
        plan.slice(ranges)
    kept = sorted(axes)
    rank = {a: i for i, a in enumerate(kept)}
    target = [rank[a] for a in axes]
    sizes = [len(ranges[a]) for a in kept]
    # Axes that stay neighbours are one.
    groups: list[list[int]] = []
    for axis in target:
        if groups and groups[-1][-1] + 1 == axis:
            groups[-1].append(axis)
        else:
            groups.append([axis])
    ordered = sorted(groups)
    plan.reshape(tuple(prod(sizes[a] for a in g) for g in ordered))
    plan.transpose(tuple(ordered.index(g) for g in groups))
