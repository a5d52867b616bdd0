"""Sum of every window."""

from __future__ import annotations

from codesign.graph.operators.sum_pool import SumPool
from hw.lowering.builder import Builder, lowers
from hw.lowering.pooling import lower_pool


@lowers(SumPool)
def lower_sum_pool(builder: Builder, op: SumPool) -> None:
    """Axis by axis."""
    lower_pool(builder, op)
