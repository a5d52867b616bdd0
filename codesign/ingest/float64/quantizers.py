"""QONNX's quantizers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from codesign.ingest.float64.registry import Arrays, Attributes, quantizer

ROUND: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "ROUND": np.rint,
    "HALF_EVEN": np.rint,
    "FLOOR": np.floor,
    "CEIL": np.ceil,
    "DOWN": np.trunc,
    "ROUND_TO_ZERO": np.trunc,
    "UP": lambda y: np.sign(y) * np.ceil(np.abs(y)),
    "HALF_UP": lambda y: np.sign(y) * np.floor(np.abs(y) + 0.5),
    "HALF_DOWN": lambda y: np.sign(y) * np.ceil(np.abs(y) - 0.5),
}


@quantizer("BipolarQuant")
def bipolar(v: Arrays, a: Attributes) -> tuple[np.ndarray, np.ndarray]:
    """1 where x / scale >= 0, else -1."""
    y = np.where(v[0] / v[1] >= 0, 1.0, -1.0)
    return y, y * v[1]


@quantizer("Quant", "IntQuant")
def quant(v: Arrays, a: Attributes) -> tuple[np.ndarray, np.ndarray]:
    """round(clip(x / scale + zero)) - zero; one signed bit is bipolar."""
    scaled = v[0] / v[1]
    zero, bits, signed = v[2], float(v[3].reshape(-1)[0]), a.get("signed", 1)
    if bits == 1 and signed:
        y = np.where(scaled + zero >= 0, 1.0, -1.0)
        return y, y * v[1]
    low = (-(2 ** (bits - 1)) + a.get("narrow", 0)) if signed else 0
    high = 2 ** (bits - 1) - 1 if signed else 2**bits - 1 - a.get("narrow", 0)
    mode = a.get("rounding_mode", "ROUND").upper()
    y = ROUND[mode](np.clip(scaled + zero, low, high)) - zero
    return y, y * v[1]
