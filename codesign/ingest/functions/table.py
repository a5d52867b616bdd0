"""Functions that no staircase can hold, as tables: of the input, or of the run in which the input lies."""

from __future__ import annotations

import numpy as np

from codesign.errors import Reject
from codesign.graph import Operator, Threshold
from codesign.graph.operators.table import Table
from codesign.ingest.functions.runs import QUANTIZE_FIRST, Runs
from codesign.ingest.functions.staircase import Staircase

TABLE_INPUTS = 2**12
"""Inputs that a table may have; with more, thresholds find the run first."""
LARGEST_TABLE = 2**12
"""Break points that thresholds may have before a table."""


def choose(runs: Runs, input: str, output: str, source: tuple[str, ...]) -> list[Operator]:
    """A table of the input where it has few values, else thresholds for the run and a table of the run's value.

    Raises:
        Reject: there are too many runs for either.
    """
    if int(runs.last.max()) - int(runs.first.min()) < TABLE_INPUTS:
        return [of_inputs(runs, input, output, source)]
    index = f"{output}_run"
    return [*of_runs(runs, input, index, output, source)]


def of_inputs(runs: Runs, input: str, output: str, source: tuple[str, ...]) -> Table:
    """A table of every input between the smallest and the largest; one row where the channels agree."""
    start = int(runs.first.min())
    channels = int(runs.channel[-1]) + 1
    values = np.empty((channels, int(runs.last.max()) - start + 1), np.int64)
    reached = np.zeros(values.shape, bool)
    for channel, first, last, value in zip(
        runs.channel, runs.first - start, runs.last - start, runs.value, strict=True
    ):
        values[channel, first : last + 1], reached[channel, first : last + 1] = value, True
    shared = np.where(reached, values, np.iinfo(np.int64).min).max(0)
    if (~reached | (values == shared)).all() and reached.any(0).all():
        values = shared[None]
    else:  # what cannot occur repeats the nearest value that can
        held = np.where(reached, np.arange(values.shape[1]), -1)
        held = np.maximum.accumulate(np.where(held < 0, reached.argmax(1)[:, None], held), axis=1)
        values = np.take_along_axis(values, held, axis=1)
    return Table(inputs=(input,), output=output, source=source, values=values, first=np.full(channels, start, np.int64))


def of_runs(runs: Runs, input: str, index: str, output: str, source: tuple[str, ...]) -> tuple[Threshold, Table]:
    """The number of the run, and its value."""
    channels = int(runs.channel[-1]) + 1
    start = np.searchsorted(runs.channel, np.arange(channels))
    number = np.arange(len(runs.channel)) - start[runs.channel]
    count = int(number.max())
    if count > LARGEST_TABLE:
        raise Reject(
            f"its output changes {count} times over its range, more than {LARGEST_TABLE}",
            f"{QUANTIZE_FIRST}, or quantize to fewer bits",
        )
    end = np.searchsorted(runs.channel, np.arange(channels), "right") - 1
    thresholds = np.repeat(runs.last[end][:, None] + 1, count, axis=1)
    values = np.repeat(runs.value[end][:, None], count + 1, axis=1)
    values[runs.channel, number] = runs.value
    inner = number > 0
    thresholds[runs.channel[inner], number[inner] - 1] = runs.first[inner]
    if (values == values[0]).all():
        values = values[:1]
    return (
        Threshold(
            inputs=(input,),
            output=index,
            source=source,
            thresholds=thresholds,
            descending=np.zeros(channels, bool),
            low=0,
        ),
        Table(inputs=(index,), output=output, source=source, values=values, first=np.zeros(channels, np.int64)),
    )


def of_staircase(stairs: Staircase, input: str, output: str, source: tuple[str, ...]) -> Table:
    """A table of what never turns."""
    levels = np.concatenate([[stairs.base], stairs.values])
    start, end = (
        np.where(stairs.descending, -stairs.high, stairs.low),
        np.where(stairs.descending, -stairs.low, stairs.high),
    )
    low, high = int(start.min()), int(end.max())
    x = np.arange(low, high + 1)
    rows = [
        levels[np.searchsorted(steps, -x if falls else x, "right")]
        for steps, falls in zip(stairs.steps, stairs.descending, strict=True)
    ]
    values = np.array(rows)
    if (values == values[0]).all():
        values = values[:1]
    return Table(inputs=(input,), output=output, source=source, values=values, first=np.full(len(rows), low, np.int64))
