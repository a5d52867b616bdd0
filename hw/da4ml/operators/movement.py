"""Integers that only move: the operator itself says where each goes, run on their positions."""

from __future__ import annotations

import numpy as np

from codesign.graph import Operator, Reshape
from codesign.graph.operators.channel_shuffle import ChannelShuffle
from codesign.graph.operators.concat import Concat
from codesign.graph.operators.expand import Expand
from codesign.graph.operators.pad import Pad
from codesign.graph.operators.slice import Slice
from codesign.graph.operators.transpose import Transpose
from codesign.graph.operators.upsample import Upsample
from hw.da4ml.registry import traces


@traces(Reshape, Transpose, Slice, Concat, ChannelShuffle, Expand, Upsample)
def move(op: Operator, *x: np.ndarray) -> np.ndarray:
    """Every integer to its places."""
    sizes = np.cumsum([0, *(frame.size for frame in x)])
    positions = [np.arange(frame.size).reshape(1, *frame.shape) + start for frame, start in zip(x, sizes, strict=False)]
    return np.concatenate([frame.reshape(-1) for frame in x])[op.run(*positions)[0]]


@traces(Pad)
def pad(op: Pad, x: np.ndarray) -> np.ndarray:
    """The constant is a number until something is computed with it."""
    return np.pad(x, [*op.pads, (0, 0)], constant_values=int(op.value))
