"""An exact function of an integer tensor as operators of the graph."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from codesign.graph import Operator, Tensor
from codesign.ingest.functions import form, jumps, requantizer, runs, staircase, table
from codesign.ingest.functions.function import Function
from codesign.ingest.report import NearTie
from codesign.ingest.state import TURNS


@dataclass(frozen=True, eq=False)
class Compiled:
    """Operators, in their order, that make an integer function of a tensor.

    Attributes:
        line: the exact requantizer, None where none exists.
        levels: break points of each channel.
        descending: channels whose output falls as the accumulator rises.
        margin, decided_exactly, near_ties: as in ``SegmentReport``.
    """

    operators: list[Operator]
    line: requantizer.Line | None
    levels: int
    descending: int
    margin: float
    decided_exactly: int
    near_ties: tuple[NearTie, ...]


def compile_function(function: Function, x: Tensor, tie: float, output: str, names: tuple[str, ...]) -> Compiled:
    """The operators of a function of ``x``. What cannot turn is searched by bisection, all else by covering it.

    Raises:
        Reject: a value cannot be decided, or no operators of the graph can hold the function.
    """
    if (function.direction() == TURNS).any():
        found = runs.find(function, x.low, x.high, tie)
        compiled = of_runs(found, x.name, output, names)
        beside = np.append(found.first, found.last), np.tile(found.channel, 2)
    else:
        stairs = staircase.build(function, x.low, x.high, tie)
        compiled = of_staircase(stairs, x.name, output, names)
        channel = np.nonzero(stairs.live)[0]
        oriented = np.append(stairs.steps[stairs.live] - 1, stairs.steps[stairs.live])
        beside = np.where(np.tile(stairs.descending[channel], 2), -oriented, oriented), np.tile(channel, 2)
    if not any(s.jumps for s in function.steps):
        return compiled
    return replace(
        compiled,
        near_ties=(*compiled.near_ties, *jumps.ties(function, *beside, np.maximum(np.abs(x.low), np.abs(x.high)))),
    )


def of_runs(found: runs.Runs, x: str, output: str, names: tuple[str, ...]) -> Compiled:
    """The operators of what may turn, or turns out not to.

    Raises:
        Reject: it changes too often.
    """
    stairs = found.staircase()
    if stairs is not None:
        return of_staircase(stairs, x, output, names)
    operators = table.choose(found, x, output, names)
    count = int(np.bincount(found.channel).max()) - 1
    return Compiled(operators, None, count, 0, found.margin, found.decided_exactly, found.near_ties)


def of_staircase(stairs: staircase.Staircase, x: str, output: str, names: tuple[str, ...]) -> Compiled:
    """The operators of what does not turn.

    Raises:
        Reject: no operators of the graph hold it.
    """
    line = requantizer.fit(stairs)
    operators = form.choose(stairs, line, x, output, names)
    falling, levels = int(stairs.descending.sum()), stairs.steps.shape[1]
    return Compiled(operators, line, levels, falling, stairs.margin, stairs.decided_exactly, stairs.near_ties)
