"""Normalization and functions of single values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from codesign.fuzz.layers.base import Draft, Live, layer, need

SINCE = {"Gelu": 20, "Mish": 18, "HardSwish": 14}
"""The operator set that has them."""
BOUNDED = ("Sigmoid", "Tanh", "HardSigmoid", "Erf", "Sign", "Softsign")


@layer("bn")
def bn(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    rng, n = np.random.default_rng(p["seed"]), x.shape[0]
    gamma = rng.uniform(0.5, 1.5, n) * rng.choice([1, 1, -1] if p["falling"] else [1], n)
    mean, variance = rng.normal(0, 0.3, n) * x.spread, x.spread**2 * rng.uniform(0.5, 2, n)
    return replace(x, name=net.bn(x.name, gamma, rng.normal(0, 0.4, n), mean, variance), spread=1.0, scale=0.0)


@layer("Relu", "Sigmoid", "Tanh", "Abs", "Neg", "HardSwish", "HardSigmoid", "Elu", "Softplus", "LeakyRelu", "Exp",
       "Erf", "Gelu", "Mish", "Selu", "Celu", "Softsign", "ThresholdedRelu", "Ceil", "Floor", "Round", "Sign",
       "Identity")  # fmt: skip
def function(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    need(net.opset >= SINCE.get(p["op"], 0), "another operator set")
    spread = min(x.spread, 1.0) if p["op"] in BOUNDED else x.spread
    attributes = {k: p[k] for k in ("alpha", "approximate") if k in p}
    return replace(x, name=net.op(p["op"], x.name, **attributes), spread=spread, scale=0.0)


@layer("Sqrt", "Log", "Reciprocal")
def of_positive(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """A function of ``max(x, 0) + above``."""
    (x,) = inputs
    lifted = net.op("Add", net.op("Relu", x.name), net.const(p["above"]))
    return replace(x, name=net.op(p["op"], lifted), spread=max(x.spread, 0.3) ** 0.5, scale=0.0)


@layer("silu")
def silu(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    return replace(x, name=net.op("Mul", x.name, net.op("Sigmoid", x.name)), scale=0.0)


@layer("hard_swish")
def hard_swish(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """As MobileNetV3 is exported: x * clip(x + 3, 0, 6), over 6."""
    (x,) = inputs
    gate = net.op("Clip", net.op("Add", x.name, net.const(3)), net.const(0), net.const(6))
    if p["first"]:
        return replace(x, name=net.op("Mul", x.name, net.op("Div", gate, net.const(6))), scale=0.0)
    return replace(x, name=net.op("Div", net.op("Mul", x.name, gate), net.const(6)), scale=0.0)


@layer("clip")
def clip(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    return replace(x, name=net.op("Clip", x.name, net.const(p["low"]), net.const(p["high"])), scale=0.0)


@layer("Min", "Max")
def bounded(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """With a constant, and with a multiple of itself where ``slope`` is not 0."""
    (x,) = inputs
    made = net.op(p["op"], x.name, net.const(p["bound"]))
    if p["slope"]:
        made = net.op(p["op"], made, net.op("Mul", x.name, net.const(p["slope"])))
    return replace(x, name=made, scale=0.0)


@layer("pow")
def power(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    name = x.name
    if p["exponent"] < 1:  # of what is positive
        name = net.op("Add", net.op("Relu", name), net.const(1 if p["exponent"] < 0 else 0))
    made = net.op("Pow", name, net.const(p["exponent"]))
    return replace(x, name=made, spread=max(x.spread, 0.3) ** abs(p["exponent"]), scale=0.0)


@layer("prelu")
def prelu(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    shape = (x.shape[0], *(1 for _ in x.shape[1:])) if p["per_channel"] else (1,)
    slope = np.random.default_rng(p["seed"]).uniform(-0.1 if p["falling"] else 0, 0.5, shape)
    return replace(x, name=net.op("PRelu", x.name, net.const(slope)), scale=0.0)


@layer("scale", "offset")
def constant(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """A constant factor or summand, one or one a channel; ``inverse``: as Div or Sub."""
    (x,) = inputs
    rng = np.random.default_rng(p["seed"])
    shape = (1, x.shape[0], *(1 for _ in x.shape[1:])) if p["per_channel"] else ()
    inverse = p.get("inverse", False)
    if p["op"] == "scale":
        factor = rng.uniform(0.3, 1.7, shape) * rng.choice([1, 1, 1, -1], shape)
        return replace(x, name=net.op("Div" if inverse else "Mul", x.name, net.const(factor)), scale=0.0)
    summand = net.const(rng.normal(0, 0.3, shape) * x.spread)
    return replace(x, name=net.op("Sub" if inverse else "Add", x.name, summand), scale=0.0)


@layer("affine")
def affine(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """factor * x + summand, with these numbers."""
    (x,) = inputs
    made = net.op("Add", net.op("Mul", x.name, net.const(p["factor"])), net.const(p["summand"]))
    return replace(x, name=made, spread=max(abs(p["factor"]) * x.spread, 1e-3), scale=0.0)
