"""Sums and products of integers of the frame."""

from __future__ import annotations

from operator import add

import numpy as np

from codesign.graph import Add, GlobalSum
from codesign.graph.operators.cum_sum import CumSum
from codesign.graph.operators.mul import Mul
from hw.da4ml.integers import tree
from hw.da4ml.registry import traces


@traces(Add)
def add_two(op: Add, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A sum with coefficients."""
    a, b = map(int, op.coefficients)
    return x * a + y * b


@traces(Mul)
def multiply(op: Mul, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """An array multiplier for each integer."""
    return x * y


@traces(GlobalSum)
def global_sum(op: GlobalSum, x: np.ndarray) -> np.ndarray:
    """A tree a channel."""
    return np.array([tree(add, list(column)) for column in x.reshape(-1, x.shape[-1]).T], object)


@traces(CumSum)
def cum_sum(op: CumSum, x: np.ndarray) -> np.ndarray:
    """A sum for each position, made of the one before."""
    frames = np.moveaxis(x, op.axis, 0)
    sums = [frames[0] * 1]
    for frame in frames[1:]:
        sums.append(sums[-1] + frame)
    if op.exclusive:
        sums = [frames[0] * 0, *sums[:-1]]
    return np.moveaxis(np.stack(sums), 0, op.axis)
