"""Elementwise functions, by NumPy's and the C library's."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce

import numpy as np

from codesign.ingest.float64.registry import EVALUATIONS, Arrays, Attributes, evaluation


def _attribute(a: Attributes, name: str, default: float) -> float:
    return float(np.float32(a.get(name, default)))


def _sigmoid(x: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-x)))


def _each(function: Callable[[float], float], x: np.ndarray) -> np.ndarray:
    return np.asarray(np.vectorize(function, otypes=[np.float64])(x))


@evaluation("HardSigmoid")
def hard_sigmoid(v: Arrays, a: Attributes) -> np.ndarray:
    """A line between 0 and 1."""
    return np.clip(_attribute(a, "alpha", 0.2) * v[0] + _attribute(a, "beta", 0.5), 0, 1)


@evaluation("Elu")
def elu(v: Arrays, a: Attributes) -> np.ndarray:
    """x above zero, alpha * (exp(x) - 1) below."""
    return np.where(v[0] > 0, v[0], _attribute(a, "alpha", 1.0) * np.expm1(np.minimum(v[0], 0)))


@evaluation("Celu")
def celu(v: Arrays, a: Attributes) -> np.ndarray:
    """max(0, x) + min(0, alpha * (exp(x / alpha) - 1))."""
    alpha = _attribute(a, "alpha", 1.0)
    return np.asarray(np.maximum(v[0], 0) + np.minimum(0, alpha * np.expm1(np.minimum(v[0], 0) / alpha)))


@evaluation("Selu")
def selu(v: Arrays, a: Attributes) -> np.ndarray:
    """gamma times Elu."""
    gamma, alpha = _attribute(a, "gamma", 1.05070102214813232421875), _attribute(a, "alpha", 1.67326319217681884765625)
    return np.asarray(gamma * np.where(v[0] > 0, v[0], alpha * np.expm1(np.minimum(v[0], 0))))


@evaluation("Gelu")
def gelu(v: Arrays, a: Attributes) -> np.ndarray:
    """x times the normal distribution, or an approximation of it."""
    x = v[0]
    if a.get("approximate", "none") == "tanh":
        return np.asarray(0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))
    return np.asarray(0.5 * x * _each(math.erfc, -x / math.sqrt(2)))


EVALUATIONS.update(
    {
        "LeakyRelu": lambda v, a: np.where(v[0] < 0, v[0] * _attribute(a, "alpha", 0.01), v[0]),
        "PRelu": lambda v, a: np.where(v[0] < 0, v[0] * v[1], v[0]),
        "ThresholdedRelu": lambda v, a: np.where(v[0] > _attribute(a, "alpha", 1.0), v[0], 0.0),
        "HardSwish": lambda v, a: v[0] * np.clip(v[0] / 6 + 0.5, 0, 1),
        "Softsign": lambda v, a: v[0] / (1 + np.abs(v[0])),
        "Exp": lambda v, a: np.exp(v[0]),
        "Log": lambda v, a: np.log(v[0]),
        "Sigmoid": lambda v, a: _sigmoid(v[0]),
        "Tanh": lambda v, a: np.tanh(v[0]),
        "Softplus": lambda v, a: np.logaddexp(0, v[0]),
        "Erf": lambda v, a: _each(math.erf, v[0]),
        "Swish": lambda v, a: v[0] * _sigmoid(_attribute(a, "alpha", 1.0) * v[0]),
        "Mish": lambda v, a: v[0] * np.tanh(np.logaddexp(0, v[0])),
        "Abs": lambda v, a: np.abs(v[0]),
        "Neg": lambda v, a: -v[0],
        "Sign": lambda v, a: np.sign(v[0]),
        "Floor": lambda v, a: np.floor(v[0]),
        "Ceil": lambda v, a: np.ceil(v[0]),
        "Round": lambda v, a: np.rint(v[0]),
        "Sqrt": lambda v, a: np.sqrt(v[0]),
        "Reciprocal": lambda v, a: 1 / v[0],
        "Pow": lambda v, a: v[0] ** np.asarray(v[1], np.float64),
        "Min": lambda v, a: reduce(np.minimum, v),
        "Max": lambda v, a: reduce(np.maximum, v),
    }
)
