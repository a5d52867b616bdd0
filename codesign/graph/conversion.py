"""Exact conversions between operators."""

from __future__ import annotations

import numpy as np

from codesign.graph.operators import Requantize, Threshold


def requantize_to_threshold(op: Requantize, low: np.ndarray, high: np.ndarray) -> Threshold:
    """The thresholds that give what ``op`` gives for every input in [low, high] (int64 [C] each).

    From v on means x * M + B >= v << n, that is x >= ceil(((v << n) - B) / M) for M > 0; M < 0 mirrors it.
    """
    ends = np.stack([op.run(low), op.run(high)])
    base, top = int(ends.min()), int(ends.max())
    thresholds = np.empty((len(op.multiplier), top - base), np.int64)
    for c, (m, b) in enumerate(zip(op.multiplier.tolist(), op.offset.tolist(), strict=True)):
        reach = [(v << op.shift) - b for v in range(base + 1, top + 1)]
        first, last = int(low[c]), int(high[c])
        if m > 0:
            row = [-(-r // m) for r in reach]
        elif m < 0:  # v or more up to floor(r / m), so the count falls one above it
            row = [r // m + 1 for r in reversed(reach)]
        else:
            row = [first if r <= 0 else last + 1 for r in reach]
        thresholds[c] = np.clip(row, first, last + 1)
    return Threshold(
        inputs=op.inputs,
        output=op.output,
        source=op.source,
        thresholds=thresholds,
        descending=op.multiplier < 0,
        low=base,
    )
