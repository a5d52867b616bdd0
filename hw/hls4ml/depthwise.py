"""Convolutions in groups: those channel by channel, which hls4ml has a layer for, and the dense form of all others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from codesign.graph import Conv


def is_depthwise(op: Conv) -> bool:
    """Whether every output sees one channel, its own."""
    return op.groups == len(op.weights) and op.weights.shape[-1] == 1


def dense(op: Conv) -> Conv:
    """Return ``op`` without groups: the same integers from ``groups`` times the weights."""
    outputs, per_group = len(op.weights), op.weights.shape[-1]
    weights = np.zeros((*op.weights.shape[:-1], per_group * op.groups), np.int64)
    for output in range(outputs):
        first = output // (outputs // op.groups) * per_group
        weights[output, ..., first : first + per_group] = op.weights[output]
    return replace(op, weights=weights, groups=1)
