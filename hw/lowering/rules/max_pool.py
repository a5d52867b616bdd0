"""Largest integer of every window."""

from __future__ import annotations

from codesign.graph.operators.max_pool import MaxPool
from hw.lowering.builder import Builder, lowers
from hw.lowering.pooling import lower_pool


@lowers(MaxPool)
def lower_max_pool(builder: Builder, op: MaxPool) -> None:
    """Axis by axis."""
    lower_pool(builder, op)
