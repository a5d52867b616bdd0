"""A function of one integer: a lookup."""

from __future__ import annotations

from math import prod

import numpy as np

from codesign.graph.operators.table import Table
from hw.kernels.lookup.kernel import Lookup
from hw.lowering.builder import Builder, lowers


@lowers(Table)
def lower_table(builder: Builder, op: Table) -> None:
    """Channel by channel, a word of lanes at a time; of the table only what the proven range reaches."""
    tensor = builder.graph.tensors[op.inputs[0]]
    source = builder.sources[op.inputs[0]]
    stream = builder.port(source).stream
    values, first = _reached(op, tensor.low, tensor.high)
    kernel = Lookup(
        values=values,
        first=first,
        positions=prod(tensor.shape[:-1]),
        in_bits=stream.bits,
        in_signed=stream.signed,
        pe=1,
        family=builder.family,
    )
    builder.make(op, kernel, source)


def _reached(op: Table, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values and first inputs with the entries cut off that no channel's input, in [low, high], reads."""
    start, stop = int((low - op.first).min()), int((high - op.first).max()) + 1
    return op.values[..., start:stop], op.first + start
