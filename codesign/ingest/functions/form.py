"""From a staircase to the operator of the graph."""

from __future__ import annotations

import numpy as np

from codesign.errors import CodesignError, Reject
from codesign.graph import Add, Operator, Requantize, Threshold, bits_for
from codesign.ingest.functions import pieces, table
from codesign.ingest.functions.requantizer import Line
from codesign.ingest.functions.staircase import Staircase

TABLE_INPUTS = 2**8
"""Inputs up to which a table is cheaper than thresholds of more than 2 output bits."""
FEW_LEVELS = 63
"""Thresholds up to which they are cheaper than several requantizers."""
MOST_LEVELS = 2**12 - 1
"""Thresholds that hardware compares with, at most."""


def choose(stairs: Staircase, line: Line | None, input: str, output: str, source: tuple[str, ...]) -> list[Operator]:
    """The operators that the graph gets.

    Thresholds up to 2 output bits, else the requantizer where an exact one exists, else a table up to 8 input bits,
    else a sum of requantizers or thresholds.

    A cost model may replace this function: all forms are exact.

    Raises:
        Reject: no form holds it.
    """
    first, last = stairs.at_ends()
    bits, _ = bits_for(int(first.min()), int(last.max()))
    consecutive = bool((np.diff([stairs.base, *stairs.values]) == 1).all())  # a bipolar output leaves out zero
    if line is not None and (bits > 2 or not consecutive):
        return [requantize(stairs, line, input, output, source)]
    span = (
        np.where(stairs.descending, -stairs.low, stairs.high).max()
        - np.where(stairs.descending, -stairs.high, stairs.low).min()
    )
    if not consecutive or (span < TABLE_INPUTS and bits > 2):
        return [table.of_staircase(stairs, input, output, source)]
    levels = stairs.steps.shape[1]
    if levels > FEW_LEVELS and (parts := pieces.fit(stairs)):
        return sum_of(parts, input, output, source)
    if levels > MOST_LEVELS and span < table.TABLE_INPUTS:
        return [table.of_staircase(stairs, input, output, source)]
    if levels > MOST_LEVELS:
        raise Reject(
            f"its output takes {levels + 1} values that no multiplications give, more than {MOST_LEVELS + 1}",
            "quantize to 12 bits or fewer, or quantize before the function",
        )
    return [threshold(stairs, input, output, source)]


def sum_of(parts: list[tuple[Staircase, Line]], input: str, output: str, source: tuple[str, ...]) -> list[Operator]:
    """The staircase as a sum of its pieces."""
    operators: list[Operator] = []
    so_far = ""
    for number, (part, line) in enumerate(parts):
        name = f"{output}_piece_{number}"
        operators.append(requantize(part, line, input, name, source))
        if so_far:
            joined = output if number == len(parts) - 1 else f"{output}_pieces_{number}"
            operators.append(Add(inputs=(so_far, name), output=joined, source=source))
            name = joined
        so_far = name
    return operators


def threshold(stairs: Staircase, input: str, output: str, source: tuple[str, ...]) -> Threshold:
    """The staircase as thresholds: exact by definition."""
    # A constant output has one level that nothing reaches: hardware compares with one threshold at least.
    steps = stairs.steps if stairs.steps.size else stairs.high[:, None] + 1
    # A falling channel is at or above a level up to -step, that is, below the threshold 1 - step.
    thresholds = np.where(stairs.descending[:, None], 1 - steps[:, ::-1], steps)
    return Threshold(
        inputs=(input,),
        output=output,
        source=source,
        thresholds=thresholds,
        descending=stairs.descending,
        low=stairs.base,
    )


def requantize(stairs: Staircase, line: Line, input: str, output: str, source: tuple[str, ...]) -> Requantize:
    """The requantizer, checked once more on both sides of every step and at the ends of the range.

    Raises:
        CodesignError: it differs from the staircase, which would be a bug here.
    """
    operator = Requantize(
        inputs=(input,),
        output=output,
        source=source,
        multiplier=line.multiplier,
        offset=line.offset,
        shift=line.shift,
        low=line.low,
        high=line.high,
    )
    z = np.column_stack([stairs.before, stairs.steps, stairs.low, stairs.high])
    z = np.clip(z, stairs.low[:, None], stairs.high[:, None])
    outputs = np.concatenate([[stairs.base], stairs.values])
    rank = np.stack([np.searchsorted(s, row, "right") for s, row in zip(stairs.steps, z, strict=True)])
    x = np.where(stairs.descending[:, None], -z, z).T
    if not np.array_equal(operator.run(x), outputs[rank].T):
        raise CodesignError(f"{output}: the requantizer differs from the exact steps; please report the model.")
    return operator
