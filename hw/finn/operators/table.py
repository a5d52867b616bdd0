"""Table: Thresholding, where every channel only rises or only falls."""

from __future__ import annotations

import numpy as np

from codesign.errors import Reject
from codesign.graph.operators.table import Table
from hw.finn.canvas import Canvas
from hw.finn.operators.activation import emit_activation
from hw.finn.registry import emits


@emits(Table)
def emit_table(op: Table, canvas: Canvas) -> str:
    """Emit a table that is a staircase; FINN's Lookup does not execute."""
    for channel, row in enumerate(op.values):
        steps = np.diff(row)
        if (steps > 0).any() and (steps < 0).any():
            raise Reject(
                f"its channel {channel} rises and falls, which thresholds cannot, and FINN's Lookup does not execute "
                "on the float32 in which FINN keeps its integers",
                "use an activation that only rises or only falls",
            )
    return emit_activation(op, canvas)
