"""Convolutions, transposed ones, matrices."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from codesign.fuzz.layers.base import Draft, Live, layer, need
from codesign.fuzz.layers.quantizers import weights

Axes = list[tuple[int, int, int, int, int]]


def axes_of(p: dict[str, Any], rank: int) -> tuple[Axes, dict[str, Any]]:
    """(kernel, stride, before, after, dilation) of each axis, and the same as ONNX attributes."""
    need(len(p["kernel"]) == rank, "another rank")
    pads = p["pads"]
    axes = list(zip(p["kernel"], p["stride"], pads[:rank], pads[rank:], p["dilation"], strict=True))
    return axes, {"kernel_shape": p["kernel"], "strides": p["stride"], "pads": pads, "dilations": p["dilation"]}


def windows(x: Live, axes: Axes, ceil: bool = False) -> tuple[int, ...]:
    """Windows along each axis; with ``ceil`` one more where values are left, which begins before the pads behind."""
    need(x.rank > 0, "no positions")
    counts = []
    for n, (k, s, a, b, d) in zip(x.shape[1:], axes, strict=True):
        left = n + a + b - d * (k - 1) - 1
        need(left >= 0, "the kernel is larger than the input")
        count = (left + (s - 1) * ceil) // s + 1
        need(not ceil or (count - 1) * s < n + a, "ONNX counts a window of padding before operator set 22")
        counts.append(count)
    return tuple(counts)


def _bias(net: Draft, p: dict[str, Any], outputs: int) -> list[str]:
    return [net.const(np.random.default_rng(p["seed"] + 1).standard_normal(outputs))] if p["bias"] else []


@layer("conv")
def conv(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    axes, attributes = axes_of(p, x.rank)
    need(x.shape[0] % p["groups"] == 0 and p["outputs"] % p["groups"] == 0, "groups do not divide")
    into = x.shape[0] // p["groups"]
    stored = [weights(net, p, (p["outputs"], into, *p["kernel"])), *_bias(net, p, p["outputs"])]
    made = net.op("Conv", x.name, *stored, group=p["groups"], **attributes)
    return Live(made, (p["outputs"], *windows(x, axes)), x.spread * (into * prod(p["kernel"])) ** 0.5)


@layer("conv_transpose")
def conv_transpose(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    rank, groups = x.rank, p.get("groups", 1)
    dilation = p.get("dilation", [1] * rank)
    need(rank == len(p["kernel"]) > 0, "another rank")
    need(x.shape[0] % groups == 0 and p["outputs"] % groups == 0, "groups do not divide")
    per_channel = p["per_channel"] and groups == 1  # along the second axis, which is one group's outputs
    w = weights(net, {**p, "per_channel": per_channel}, (x.shape[0], p["outputs"] // groups, *p["kernel"]), axis=1)
    attributes = {"kernel_shape": p["kernel"], "strides": p["stride"], "pads": p["pads"], "dilations": dilation}
    bias = _bias(net, p, p["outputs"]) if "bias" in p else []
    made = net.op("ConvTranspose", x.name, w, *bias, group=groups, output_padding=p["extra"], **attributes)
    need(all(e < s for e, s in zip(p["extra"], p["stride"], strict=True)), "too much output padding")
    grown = zip(
        x.shape[1:], p["kernel"], p["stride"], p["pads"][:rank], p["pads"][rank:], p["extra"], dilation, strict=True
    )
    spatial = tuple((n - 1) * s + (k - 1) * d + 1 - a - b + e for n, k, s, a, b, e, d in grown)
    return Live(made, (p["outputs"], *spatial), x.spread * (x.shape[0] / groups) ** 0.5)


@layer("linear")
def linear(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    need(x.rank == 0, "no vector")
    stored = [weights(net, p, (p["outputs"], x.shape[0])), *_bias(net, p, p["outputs"])]
    return Live(net.op("Gemm", x.name, *stored, transB=1), (p["outputs"],), x.spread * x.shape[0] ** 0.5)


@layer("matmul")
def matmul(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """Of every position: the last axis times a matrix, or (``first``) a matrix times the last but one."""
    (x,) = inputs
    need(len(x.shape) > p["first"], "no matrix")
    axis = len(x.shape) - 1 - p["first"]
    into, outputs = x.shape[axis], p["outputs"]
    spread = x.spread * into**0.5
    shape = tuple(outputs if i == axis else n for i, n in enumerate(x.shape))
    if p["first"]:
        return Live(net.op("MatMul", weights(net, p, (outputs, into)), x.name), shape, spread)
    return Live(net.op("MatMul", x.name, weights(net, p, (into, outputs), axis=1)), shape, spread)
