"""QONNX's Trunc, in both versions."""

from __future__ import annotations

import numpy as np

from codesign.ingest.float64.quantizers import ROUND
from codesign.ingest.float64.registry import Arrays, Attributes, quantizer


@quantizer("Trunc")
def trunc(v: Arrays, a: Attributes) -> tuple[np.ndarray, np.ndarray]:
    """Five operands: scale and zero point stay. Six: an output scale, and a clamp to the output's bits."""
    x, scale, zero, width = v[:4]
    whole = np.rint(x / scale + zero)
    mode = ROUND[a.get("rounding_mode", "FLOOR").upper()]
    if len(v) == 5:
        y = mode(whole / 2.0 ** (width - v[4])) - zero
        return y, y * scale
    made, bits = v[4], float(np.reshape(v[5], -1)[0])
    step = 2.0 ** np.rint(np.log2(made / scale))
    low = -(2 ** (bits - 1)) + a.get("narrow", 0) if a.get("signed", 1) else 0
    high = 2 ** (bits - 1) - 1 if a.get("signed", 1) else 2**bits - 1 - a.get("narrow", 0)
    y = mode(np.clip(whole / step, low, high)) - zero / step
    return y, y * made
