"""The sum or the largest of every window."""

from __future__ import annotations

from operator import add
from typing import Any

import numpy as np

from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.sum_pool import SumPool
from hw.da4ml.integers import largest, tree
from hw.da4ml.registry import traces


@traces(SumPool)
def sum_pool(op: SumPool, x: np.ndarray) -> np.ndarray:
    """A tree a window."""
    return over_windows(add, op, x)


@traces(MaxPool)
def max_pool(op: MaxPool, x: np.ndarray) -> np.ndarray:
    """A tree of comparisons a window."""
    return over_windows(largest, op, x)


def over_windows(function: Any, op: SumPool | MaxPool, x: np.ndarray) -> np.ndarray:
    """Combine what each window sees of the frame, without the padding."""
    where = np.arange(x.size).reshape(1, *x.shape)
    taps = np.stack([tap[0] for tap in op.windows.taps(where, -1)], -1)
    made = np.empty(taps.shape[:-1], object)
    for index in np.ndindex(made.shape):
        seen = [x.reshape(-1)[source] for source in taps[index] if source >= 0]
        made[index] = tree(function, seen) if seen else 0
    return made
