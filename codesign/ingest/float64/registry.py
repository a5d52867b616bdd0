"""Evaluations of operators in float64; every file in this folder registers its own and is found by itself."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

Arrays = list[Any]
"""A node's operands, batch first; None where an optional one is missing."""
Attributes = dict[str, Any]
"""A node's attributes, strings decoded; ``outputs`` is the number of its outputs, ``opset`` the model's."""
Evaluate = Callable[[Arrays, Attributes], Any]
"""(operands, attributes) -> the output, or a tuple of all outputs."""
Quantize = Callable[[Arrays, Attributes], tuple[np.ndarray, np.ndarray]]
"""(operands, attributes) -> (integers as float64, zero point subtracted, and the value)."""

EVALUATIONS: dict[str, Evaluate] = {}
QUANTIZERS: dict[str, Quantize] = {}


def evaluation(*operators: str) -> Callable[[Evaluate], Evaluate]:
    """Register a function as what these operators compute."""

    def register(function: Evaluate) -> Evaluate:
        EVALUATIONS.update(dict.fromkeys(operators, function))
        return function

    return register


def quantizer(*operators: str) -> Callable[[Quantize], Quantize]:
    """Register a function as what these operators compute, with the integers that are compared."""

    def register(function: Quantize) -> Quantize:
        QUANTIZERS.update(dict.fromkeys(operators, function))
        return function

    return register


@cache
def discover() -> None:
    """Import every file of this folder."""
    folder = Path(__file__).parent
    for module in pkgutil.iter_modules([str(folder)]):
        if not module.name.endswith("_test"):
            importlib.import_module(f"codesign.ingest.float64.{module.name}")


def wide(value: np.ndarray) -> np.ndarray:
    """Floats as float64, anything else as it is."""
    return value.astype(np.float64) if value.dtype.kind == "f" else value
