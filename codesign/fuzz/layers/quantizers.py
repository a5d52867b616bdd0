"""Quantizers of activations in every form, what stands at the model's input, and quantized weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto

from codesign.fuzz.layers.base import Draft, Live, layer, need
from codesign.ingest.testing import GENERAL, Net


@layer("quant")
def quant(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """``form``: Quant, IntQuant, or qdq (QuantizeLinear, perhaps Clip, DequantizeLinear)."""
    (x,) = inputs
    scale, form = _scales(x, p), p.get("form", "Quant")
    low = p["narrow"] - 2 ** (p["bits"] - 1) if p["signed"] else 0
    if form == "qdq":
        need(p["bits"] <= 8 and p["mode"] == "ROUND", "QuantizeLinear rounds to nearest, to eight bits")
        made = _linear(net, x.name, scale.reshape(-1) if scale.ndim else scale, p)
    else:
        made = net.quant(x.name, scale, p["bits"], p["signed"], p.get("zero", 0), p["mode"], p["narrow"])
        net.nodes[-1].op_type = form
    reach = 2 ** (p["bits"] - p["signed"]) * p["scale"]
    held = 0.0 if scale.ndim else p["scale"]
    return Live(made, x.shape, min(x.spread, reach), held, low - p.get("zero", 0))


def _scales(x: Live, p: dict[str, Any]) -> np.ndarray:
    """One scale, or one a channel where ``scales`` is the seed to draw them from."""
    if not p.get("scales"):
        return np.asarray(p["scale"])
    factors = np.random.default_rng(p["scales"]).uniform(0.5, 2, x.shape[0])
    return (p["scale"] * factors).reshape(1, -1, *(1 for _ in x.shape[1:]))


def _linear(net: Draft, x: str, scale: np.ndarray, p: dict[str, Any]) -> str:
    kind, zero = (np.int8 if p["signed"] else np.uint8), p.get("zero", 0)
    need(not p["signed"] or not zero, "a zero point of signed integers")
    stored = [net.const(scale), net.const(np.full(scale.shape, zero), kind)]
    axis: dict[str, Any] = {"axis": 1} if scale.ndim else {}
    y = net.op("QuantizeLinear", x, *stored, **axis)
    if p["bits"] < 8 or p["narrow"]:
        ends = (p["narrow"] - 2 ** (p["bits"] - 1), 2 ** (p["bits"] - 1) - 1)
        ends = ends if p["signed"] else (0, 2 ** p["bits"] - 1 - p["narrow"])
        y = net.op("Clip", y, *(net.const(e, kind) for e in ends))
    return net.op("DequantizeLinear", y, *stored, **axis)


@layer("bipolar")
def bipolar(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    made = net.op("BipolarQuant", x.name, net.const(p["scale"]), domain=GENERAL)
    return Live(made, x.shape, p["scale"], p["scale"], -1)


@layer("trunc")
def trunc(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """``drop`` low bits go; ``version`` of the operator; the sum of ``count`` values is made from their mean first."""
    (x,) = inputs
    need(x.scale > 0, "no integers")
    version, out = p["version"], max(p["bits"] - p["drop"], 1)
    need(net.general == 2 or all(n.op_type != "Trunc" for n in net.nodes) or version == 1, "two versions of Trunc")
    need(version == 2 or all(n.op_type != "Trunc" or len(n.input) == 5 for n in net.nodes), "two versions of Trunc")
    made = x.scale * 2.0 ** p["drop"]
    if version == 1:
        net.general = 1
        stored = [net.const(v) for v in (x.scale, 0, out + p["drop"], out)]
        y = net.op("Trunc", x.name, *stored, domain=GENERAL, rounding_mode=p["mode"])
        return Live(y, x.shape, max(x.spread / 2 ** p["drop"], x.scale), x.scale, x.low)
    stored = [net.const(v) for v in (x.scale, 0, out + p["drop"], made, out)]
    attributes = {"signed": int(x.low < 0), "narrow": 0, "rounding_mode": p["mode"]}
    return Live(net.op("Trunc", x.name, *stored, domain=GENERAL, **attributes), x.shape, x.spread, made, x.low)


@layer("integers_in")
def integers_in(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """The file's own input is of integers, which are cast, or multiplied by a scale."""
    (x,) = inputs
    need(x.name == "x", "not the model's input")
    net.input_type = TensorProto.UINT8 if p["type"] == "uint8" else TensorProto.INT8
    if p["how"] == "Cast":
        return Live(net.op("Cast", "x", to=TensorProto.FLOAT), x.shape, 74.0, 1.0, x.low)
    made = net.op("DequantizeLinear", "x", net.const(p["scale"]))
    return Live(made, x.shape, 74 * p["scale"], p["scale"], x.low)


def weights(net: Net, p: dict[str, Any], shape: tuple[int, ...], axis: int = 0) -> str:
    """Quantized weights of ``p["weight_bits"]`` bits with a scale for each index along ``axis``, or one for all.

    ``weight_form``: Quant, IntQuant, qdq (floats through QuantizeLinear), stored (integers and a DequantizeLinear),
    unsigned (with a zero point amid), or one_bit (a Quant of one bit).
    """
    form, bits = p.get("weight_form", "Quant"), p["weight_bits"]
    value = np.random.default_rng(p["seed"]).standard_normal(shape)
    others = tuple(i for i in range(len(shape)) if i != axis) if p["per_channel"] else tuple(range(len(shape)))
    scale = np.abs(value).max(others, keepdims=True) / max(2 ** (bits - 1) - 1, 1)
    if p["power_of_two"]:
        scale = 2.0 ** np.round(np.log2(scale))
    if form == "one_bit":
        return net.quant(net.const(value), scale, 1)
    if bits == 1:
        return net.op("BipolarQuant", net.const(value), net.const(scale), domain=GENERAL)
    if form == "unsigned":
        return net.quant(net.const(value), scale, bits, signed=0, zero=2 ** (bits - 1))
    if form in ("qdq", "stored"):
        return _linear_weights(net, value, scale, axis, bits, form == "stored")
    made = net.quant(net.const(value), scale, bits, narrow=1)
    net.nodes[-1].op_type = form
    return made


def _linear_weights(net: Net, value: np.ndarray, scale: np.ndarray, axis: int, bits: int, stored: bool) -> str:
    """As onnxruntime's quantizer exports them (integers), or as Brevitas does (floats, quantized in the graph)."""
    ends = 1 - 2 ** (bits - 1), 2 ** (bits - 1) - 1
    along: dict[str, Any] = {"axis": axis} if scale.size > 1 else {}
    parameters = [net.const(scale.reshape(-1) if along else scale.reshape(())), net.const(0, np.int8)]
    if along:
        parameters[1] = net.const(np.zeros(scale.size), np.int8)
    if stored:
        integers = net.const(np.clip(np.rint(value / np.float32(scale)), *ends), np.int8)
    else:
        integers = net.op("QuantizeLinear", net.const(value), *parameters, **along)
        integers = net.op("Clip", integers, *(net.const(e, np.int8) for e in ends))
    return net.op("DequantizeLinear", integers, *parameters, **along)
