"""The layers that random networks are made of: each adds its ONNX nodes and tells the shape of what it made.

A layer is a plain dictionary; everything random in it is drawn from its own ``seed``, so that it stays the same while
the network around it shrinks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np

from codesign.ingest.testing import GENERAL, Net


class Misfit(Exception):
    """The layer does not fit what it reads."""


@dataclass(frozen=True)
class Live:
    """A tensor of the network under construction.

    Attributes:
        shape: (C, *spatial).
        spread: roughly the standard deviation of its values.
        scale: of its quantizer; 0 where it is no quantizer's output.
        low: the smallest value that it can take, in steps of ``scale``.
    """

    name: str
    shape: tuple[int, ...]
    spread: float
    scale: float = 0.0
    low: int = 0

    @property
    def rank(self) -> int:
        return len(self.shape) - 1


Build = Callable[[Net, list[Live], dict[str, Any]], Live]
LAYERS: dict[str, Build] = {}


def layer(*names: str) -> Callable[[Build], Build]:
    """Register a function as the builder of these layers."""

    def register(build: Build) -> Build:
        LAYERS.update(dict.fromkeys(names, build))
        return build

    return register


def build(net: Net, inputs: list[Live], spec: dict[str, Any]) -> Live:
    """Add one layer.

    Raises:
        Misfit: it does not fit its inputs.
    """
    made = LAYERS[spec["op"]](net, inputs, spec)
    if min(made.shape) < 1:
        raise Misfit(f"{spec['op']} leaves nothing")
    return made


def need(condition: bool, reason: str) -> None:
    if not condition:
        raise Misfit(reason)


@layer("quant")
def quant(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    made = net.quant(x.name, p["scale"], p["bits"], p["signed"], p.get("zero", 0), p["mode"], p["narrow"])
    low = p["narrow"] - 2 ** (p["bits"] - 1) if p["signed"] else 0
    reach = 2 ** (p["bits"] - p["signed"]) * p["scale"]
    return Live(made, x.shape, min(x.spread, reach), p["scale"], low - p.get("zero", 0))


@layer("bipolar")
def bipolar(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    made = net.op("BipolarQuant", x.name, net.const(p["scale"]), domain=GENERAL)
    return Live(made, x.shape, p["scale"], p["scale"], -1)


def weights(net: Net, p: dict[str, Any], shape: tuple[int, ...], axis: int = 0) -> str:
    """Quantized weights of ``p["weight_bits"]`` bits with a scale for each index along ``axis``, or one for all."""
    value = np.random.default_rng(p["seed"]).standard_normal(shape)
    others = tuple(i for i in range(len(shape)) if i != axis) if p["per_channel"] else tuple(range(len(shape)))
    scale = np.abs(value).max(others, keepdims=True) / max(2 ** (p["weight_bits"] - 1) - 1, 1)
    if p["power_of_two"]:
        scale = 2.0 ** np.round(np.log2(scale))
    if p["weight_bits"] == 1:
        return net.op("BipolarQuant", net.const(value), net.const(scale), domain=GENERAL)
    return net.quant(net.const(value), scale, p["weight_bits"], narrow=1)


def _axes(p: dict[str, Any], rank: int) -> tuple[list[tuple[int, int, int, int, int]], dict[str, Any]]:
    """(kernel, stride, before, after, dilation) of each axis, and the same as ONNX attributes."""
    need(len(p["kernel"]) == rank, "another rank")
    pads = p["pads"]
    axes = list(zip(p["kernel"], p["stride"], pads[:rank], pads[rank:], p["dilation"], strict=True))
    return axes, {"kernel_shape": p["kernel"], "strides": p["stride"], "pads": pads, "dilations": p["dilation"]}


def _windows(x: Live, axes: list[tuple[int, int, int, int, int]]) -> tuple[int, ...]:
    need(x.rank > 0, "no positions")
    sizes = [n + a + b - d * (k - 1) for n, (k, _, a, b, d) in zip(x.shape[1:], axes, strict=True)]
    need(min(sizes) > 0, "the kernel is larger than the input")
    return tuple((n - 1) // s + 1 for n, (_, s, _, _, _) in zip(sizes, axes, strict=True))


@layer("conv")
def conv(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    axes, attributes = _axes(p, x.rank)
    need(x.shape[0] % p["groups"] == 0 and p["outputs"] % p["groups"] == 0, "groups do not divide")
    into = x.shape[0] // p["groups"]
    stored = [weights(net, p, (p["outputs"], into, *p["kernel"]))]
    if p["bias"]:
        stored.append(net.const(np.random.default_rng(p["seed"] + 1).standard_normal(p["outputs"])))
    made = net.op("Conv", x.name, *stored, group=p["groups"], **attributes)
    return Live(made, (p["outputs"], *_windows(x, axes)), x.spread * (into * prod(p["kernel"])) ** 0.5)


@layer("conv_transpose")
def conv_transpose(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    rank = x.rank
    need(rank == len(p["kernel"]) > 0, "another rank")
    w = weights(net, p, (x.shape[0], p["outputs"], *p["kernel"]), axis=1)
    attributes = {"kernel_shape": p["kernel"], "strides": p["stride"], "pads": p["pads"], "dilations": [1] * rank}
    made = net.op("ConvTranspose", x.name, w, group=1, output_padding=p["extra"], **attributes)
    need(all(e < s for e, s in zip(p["extra"], p["stride"], strict=True)), "too much output padding")
    grown = zip(x.shape[1:], p["kernel"], p["stride"], p["pads"][:rank], p["pads"][rank:], p["extra"], strict=True)
    spatial = tuple((n - 1) * s + k - a - b + e for n, k, s, a, b, e in grown)
    return Live(made, (p["outputs"], *spatial), x.spread * x.shape[0] ** 0.5)


@layer("linear")
def linear(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    need(x.rank == 0, "no vector")
    stored = [weights(net, p, (p["outputs"], x.shape[0]))]
    if p["bias"]:
        stored.append(net.const(np.random.default_rng(p["seed"] + 1).standard_normal(p["outputs"])))
    return Live(net.op("Gemm", x.name, *stored, transB=1), (p["outputs"],), x.spread * x.shape[0] ** 0.5)


@layer("bn")
def bn(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    rng, n = np.random.default_rng(p["seed"]), x.shape[0]
    gamma = rng.uniform(0.5, 1.5, n) * rng.choice([1, 1, -1] if p["falling"] else [1], n)
    mean, variance = rng.normal(0, 0.3, n) * x.spread, x.spread**2 * rng.uniform(0.5, 2, n)
    return replace(x, name=net.bn(x.name, gamma, rng.normal(0, 0.4, n), mean, variance), spread=1.0, scale=0.0)


@layer("Relu", "Sigmoid", "Tanh", "Abs", "Neg", "HardSwish", "HardSigmoid", "Elu", "Softplus", "LeakyRelu", "Exp")
def function(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    spread = min(x.spread, 1.0) if p["op"] in ("Sigmoid", "Tanh", "HardSigmoid") else x.spread
    return replace(x, name=net.op(p["op"], x.name), spread=spread, scale=0.0)


@layer("silu")
def silu(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    return replace(x, name=net.op("Mul", x.name, net.op("Sigmoid", x.name)), scale=0.0)


@layer("clip")
def clip(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    return replace(x, name=net.op("Clip", x.name, net.const(p["low"]), net.const(p["high"])), scale=0.0)


@layer("scale", "offset")
def constant(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    """A constant factor or summand, one or one a channel."""
    (x,) = inputs
    rng = np.random.default_rng(p["seed"])
    shape = (1, x.shape[0], *(1 for _ in x.shape[1:])) if p["per_channel"] else ()
    if p["op"] == "scale":
        factor = rng.uniform(0.3, 1.7, shape) * rng.choice([1, 1, 1, -1], shape)
        return replace(x, name=net.op("Mul", x.name, net.const(factor)), scale=0.0)
    return replace(x, name=net.op("Add", x.name, net.const(rng.normal(0, 0.3, shape) * x.spread)), scale=0.0)


@layer("max_pool", "average_pool")
def pool(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    axes, attributes = _axes(p, x.rank)
    need(all(a < k and b < k for k, _, a, b, _ in axes), "a window of padding")
    if p["op"] == "average_pool":
        del attributes["dilations"]
        need(set(p["dilation"]) == {1}, "dilated average")
        made = net.op("AveragePool", x.name, count_include_pad=1, **attributes)
        return Live(made, (x.shape[0], *_windows(x, axes)), x.spread)
    made = net.op("MaxPool", x.name, **attributes)
    return replace(x, name=made, shape=(x.shape[0], *_windows(x, axes)))


@layer("global_average")
def global_average(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    need(x.rank > 0, "no positions")
    return Live(net.op("GlobalAveragePool", x.name), (x.shape[0], *(1 for _ in x.shape[1:])), x.spread)


@layer("flatten")
def flatten(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    return replace(x, name=net.op("Flatten", x.name, axis=1), shape=(prod(x.shape),))


@layer("upsample")
def upsample(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    need(x.rank == len(p["factors"]) > 0, "another rank")
    scales = net.const([1, 1, *p["factors"]])
    made = net.op("Resize", x.name, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric",
                  nearest_mode="floor")  # fmt: skip
    return replace(x, name=made, shape=(x.shape[0], *(n * f for n, f in zip(x.shape[1:], p["factors"], strict=True))))


@layer("slice")
def cut(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    need(p["axis"] < len(x.shape) and p["start"] < p["stop"] <= x.shape[p["axis"]], "outside")
    ends = [net.const([v], np.int64) for v in (p["start"], p["stop"], p["axis"] + 1, p["step"])]
    size = (p["stop"] - p["start"] - 1) // p["step"] + 1
    shape = tuple(size if i == p["axis"] else n for i, n in enumerate(x.shape))
    return replace(x, name=net.op("Slice", x.name, *ends), shape=shape)


@layer("shuffle")
def shuffle(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    groups, (channels, *spatial) = p["groups"], x.shape
    need(channels % groups == 0, "groups do not divide")
    y = net.op("Reshape", x.name, net.const([1, groups, channels // groups, *spatial], np.int64))
    y = net.op("Transpose", y, perm=[0, 2, 1, *range(3, 3 + len(spatial))])
    return replace(x, name=net.op("Reshape", y, net.const([1, *x.shape], np.int64)))


@layer("depth_to_space")
def depth_to_space(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    b = p["block"]
    need(x.rank == 2 and x.shape[0] % (b * b) == 0, "channels do not divide")
    made = net.op("DepthToSpace", x.name, blocksize=b, mode=p["mode"])
    return replace(x, name=made, shape=(x.shape[0] // (b * b), x.shape[1] * b, x.shape[2] * b))


@layer("swap")
def swap(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    """Height and width change places."""
    (x,) = inputs
    need(x.rank == 2, "no image")
    return replace(x, name=net.op("Transpose", x.name, perm=[0, 1, 3, 2]), shape=(x.shape[0], x.shape[2], x.shape[1]))


@layer("concat")
def concat(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    axis, (x, y) = p["axis"], inputs
    need(len(x.shape) == len(y.shape) > axis, "another rank")
    need(all(a == b or i == axis for i, (a, b) in enumerate(zip(x.shape, y.shape, strict=True))), "another shape")
    made = net.op("Concat", x.name, y.name, axis=axis + 1)
    shape = tuple(a + b if i == axis else a for i, (a, b) in enumerate(zip(x.shape, y.shape, strict=True)))
    return Live(made, shape, max(x.spread, y.spread), x.scale if x.scale == y.scale else 0.0, min(x.low, y.low))


@layer("Add", "Sub", "Mul")
def join(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    x, y = inputs
    need(len(x.shape) == len(y.shape), "another rank")
    pairs = list(zip(x.shape, y.shape, strict=True))
    need(all(a == b or 1 in (a, b) for a, b in pairs) and x.shape[0] == y.shape[0], "another shape")
    spread = x.spread * y.spread if p["op"] == "Mul" else (x.spread**2 + y.spread**2) ** 0.5
    return Live(net.op(p["op"], x.name, y.name), tuple(max(a, b) for a, b in pairs), spread)


@layer("ArgMax")
def arg_max(net: Net, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    return Live(net.op("ArgMax", x.name, axis=1, keepdims=1), (1, *x.shape[1:]), 1.0)
