"""A staircase that no single line holds, as a sum of requantizers: each climbs its part of the levels and stays.

Rounding away from zero bends at zero, a leaky Relu at its knee. Clamped below and above its own part, every piece is
constant outside it, so that the pieces' sum is the staircase.
"""

from __future__ import annotations

from dataclasses import replace

from codesign.ingest.functions import requantizer
from codesign.ingest.functions.requantizer import Line
from codesign.ingest.functions.staircase import Staircase

MOST = 4
"""Pieces, which cost a requantizer each."""


def fit(stairs: Staircase) -> list[tuple[Staircase, Line]] | None:
    """The pieces from the lowest levels up, each with its line; None where ``MOST`` do not reach.

    The first piece gives ``base`` below all steps, the others 0.
    """
    found: list[tuple[Staircase, Line]] = []
    rest = stairs
    while len(rest.values) and len(found) < MOST:
        piece = _longest(rest)
        if piece is None:
            return None
        found.append(piece)
        rest = _part(rest, len(piece[0].values), len(rest.values))
    return None if len(rest.values) else found


def _longest(stairs: Staircase) -> tuple[Staircase, Line] | None:
    """The most levels from the lowest one up that a line holds: what holds more levels holds fewer too."""
    best, low, high = None, 1, len(stairs.values)
    while low <= high:
        middle = (low + high + 1) // 2
        part = _part(stairs, 0, middle)
        line = requantizer.fit(part)
        if line is None:
            high = middle - 1
        else:
            best, low = (part, line), middle + 1
    return best


def _part(stairs: Staircase, first: int, last: int) -> Staircase:
    """The levels ``first`` to ``last`` - 1 alone; above the lowest ones counted from the level below."""
    base = stairs.base if first == 0 else int(stairs.values[first - 1])
    start = stairs.base if first == 0 else 0
    return replace(
        stairs,
        steps=stairs.steps[:, first:last],
        values=stairs.values[first:last] - (base - start),
        base=start,
        below=None if stairs.below is None else stairs.below[:, first:last],
    )
