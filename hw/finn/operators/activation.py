"""Requantize, Threshold, and a Table that is a staircase: Thresholding, by bisection of the integer function."""

from __future__ import annotations

import numpy as np

from codesign.errors import Reject
from codesign.graph import Operator, Requantize, Threshold
from codesign.graph.operators.table import Table
from hw.finn.canvas import Canvas, datatype
from hw.finn.registry import emits

MAX_LEVELS = 1023
"""FINN compares with every threshold; beyond 10 bits neither its memories nor its executors are of use."""


Activation = Requantize | Threshold | Table


def falling(op: Activation) -> np.ndarray:
    """Bool [C]: channels whose output falls as the input rises (of a table that only rises or only falls)."""
    if isinstance(op, Table):
        return np.broadcast_to((np.diff(op.values) < 0).any(1), op.first.shape)
    return op.multiplier < 0 if isinstance(op, Requantize) else op.descending


@emits(Requantize, Threshold)
def emit_activation(op: Activation, canvas: Canvas) -> str:
    """Emit an activation that rises or falls, channel by channel."""
    tensor = op.inputs[0]
    x, stands = canvas.read(tensor), canvas.sign(tensor)
    low, high = canvas.bounds(tensor)
    wanted = np.where(falling(op), -1, 1)
    if (stands != wanted).any():  # its maker could not negate them: several read it, or it has no rows
        turn = stands * wanted
        low, high = np.where(turn < 0, -high, low), np.where(turn < 0, -low, high)
        x = canvas.scale(op.output, x, turn, int(low.min()), int(high.max()))

    first, last = output_levels(op, canvas)
    thresholds = rising_thresholds(op, wanted, low, high, first, last)
    shape = canvas.shapes[x]
    threshold_type = datatype(int(thresholds.min()), int(thresholds.max()), signed=canvas.types[x].startswith("INT"))
    output_type = datatype(first, last)
    return canvas.node(
        "Thresholding",
        op.output,
        [x, canvas.parameter(f"{op.output}_thresholds", thresholds, threshold_type)],
        [canvas.declare(op.output, shape, output_type)],
        {"PE": shape[-1]},
        NumChannels=shape[-1],
        numSteps=thresholds.shape[1],
        inputDataType=canvas.types[x],
        weightDataType=threshold_type,
        outputDataType=output_type,
        numInputVectors=shape[:-1],
        ActVal=first,
    )


def output_levels(op: Operator, canvas: Canvas) -> tuple[int, int]:
    """Smallest and largest value that the activation gives on its input's proven range."""
    t = canvas.graph.tensors[op.inputs[0]]
    low, high = op.range((t.low, t.high))
    first, last = int(low.min()), int(high.max())
    if last - first > MAX_LEVELS:
        raise Reject(
            f"it has {last - first} levels, and FINN compares with each", f"quantize to at most {MAX_LEVELS + 1} values"
        )
    return first, max(last, first + 1)


def rising_thresholds(
    op: Operator, sign: np.ndarray, low: np.ndarray, high: np.ndarray, first: int, last: int
) -> np.ndarray:
    """Smallest input that reaches each level, int64 [C, last - first], for the rising function ``op.run(sign * x)``.

    Args:
        sign: 1 or -1 for each channel, such that the function rises.
        low, high: range of ``x`` (the input as FINN sees it) of each channel.
        first, last: the output's range; a level that no input reaches has the threshold ``high + 1``.
    """
    levels = np.arange(first + 1, last + 1)[:, None]
    below = np.broadcast_to(low, (len(levels), len(low))).copy()
    above = np.broadcast_to(high + 1, below.shape).copy()  # the answer lies in [below, above]
    while (below < above).any():
        middle = (below + above) >> 1
        # At ``below == above == high + 1`` the function is never asked beyond its range.
        reached = op.run((sign * np.minimum(middle, high))[None])[0] >= levels
        unsettled = below < above
        above = np.where(unsettled & reached, middle, above)
        below = np.where(unsettled & ~reached, middle + 1, below)
    return below.T
