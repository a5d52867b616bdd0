"""Running sums, term by term."""

from __future__ import annotations

import numpy as np

from codesign.ingest.float64.registry import Arrays, Attributes, evaluation


@evaluation("CumSum")
def cum_sum(v: Arrays, a: Attributes) -> np.ndarray:
    """What came before along the axis, and the element itself unless ``exclusive``; from the end if ``reverse``."""
    lines = np.moveaxis(v[0], int(v[1].reshape(-1)[0]), 0)
    places = list(range(len(lines)))[:: -1 if a.get("reverse", 0) else 1]
    y, total = np.empty_like(lines), np.zeros_like(lines[0])
    for place in places:
        y[place] = total if a.get("exclusive", 0) else total + lines[place]
        total = total + lines[place]
    return np.moveaxis(y, 0, int(v[1].reshape(-1)[0]))
