"""Pools over windows, over everything, over some axes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from codesign.fuzz.layers.base import Draft, Live, layer, need
from codesign.fuzz.layers.linear import axes_of, windows


@layer("max_pool", "average_pool")
def pool(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    ceil = bool(p.get("ceil"))
    axes, attributes = axes_of(p, x.rank)
    need(all(a < k and b < k for k, _, a, b, _ in axes), "a window of padding")
    shape = (x.shape[0], *windows(x, axes, ceil))
    if ceil:
        attributes["ceil_mode"] = 1
    if p["op"] == "average_pool":
        del attributes["dilations"]
        need(set(p["dilation"]) == {1}, "dilated average")
        ends = [
            (n - 1) * s + k <= m + a + b for n, m, (k, s, a, b, _) in zip(shape[1:], x.shape[1:], axes, strict=True)
        ]
        need(all(ends), "averages of fewer values")
        return Live(net.op("AveragePool", x.name, count_include_pad=1, **attributes), shape, x.spread)
    for n, m, (k, s, a, _, d) in zip(shape[1:], x.shape[1:], axes, strict=True):
        starts = np.arange(n)[:, None] * s - a + np.arange(k) * d
        need(bool(((starts >= 0) & (starts < m)).any(1).all()), "a window of padding")
    return replace(x, name=net.op("MaxPool", x.name, **attributes), shape=shape)


@layer("global_average", "global_max")
def global_pool(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    need(x.rank > 0, "no positions")
    shape = (x.shape[0], *(1 for _ in x.shape[1:]))
    if p["op"] == "global_max":
        return replace(x, name=net.op("GlobalMaxPool", x.name), shape=shape)
    return Live(net.op("GlobalAveragePool", x.name), shape, x.spread)


@layer("ReduceMean", "ReduceMax", "ReduceSum")
def reduce(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """Over ``axes`` of the frame, 0 being its channels."""
    (x,) = inputs
    axes = [a + 1 for a in p["axes"]]
    need(len(axes) > 0 and max(axes) <= len(x.shape) and len(set(axes)) == len(axes), "no such axes")
    shape = tuple(1 if i in p["axes"] else n for i, n in enumerate(x.shape) if p["keep"] or i not in p["axes"])
    if net.opset >= (13 if p["op"] == "ReduceSum" else 18):
        made = net.op(p["op"], x.name, net.const(axes, np.int64), keepdims=p["keep"])
    else:
        made = net.op(p["op"], x.name, axes=axes, keepdims=p["keep"])
    if p["op"] == "ReduceMax":
        return replace(x, name=made, shape=shape)
    count = int(np.prod([x.shape[a] for a in p["axes"]])) if p["op"] == "ReduceSum" else 1
    return Live(made, shape, x.spread * count)


@layer("cum_sum")
def cum_sum(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    need(p["axis"] < len(x.shape), "no such axis")
    made = net.op("CumSum", x.name, net.const(p["axis"] + 1, np.int64), exclusive=p["exclusive"])
    return Live(made, x.shape, x.spread * x.shape[p["axis"]] ** 0.5)


@layer("ArgMax")
def arg_max(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    axis = p.get("axis", 0)
    need(axis < len(x.shape), "no such axis")
    shape = tuple(1 if i == axis else n for i, n in enumerate(x.shape))
    return Live(net.op("ArgMax", x.name, axis=axis + 1, keepdims=1), shape, 1.0)


@layer("top_k")
def top_k(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """``part`` 0: the values; 1: their places, as floats where something is still computed with them."""
    (x,) = inputs
    need(p["axis"] < len(x.shape) and p["k"] <= x.shape[p["axis"]], "fewer than k")
    key = ("k", p["k"], p["axis"])
    stored = [x.name, net.const([p["k"]], np.int64)]
    made = net.shared("TopK", *stored, outputs=2, key=key, axis=p["axis"] + 1, largest=1, sorted=1)
    shape = tuple(p["k"] if i == p["axis"] else n for i, n in enumerate(x.shape))
    if not p["part"]:
        return replace(x, name=made[0], shape=shape)
    name = net.op("Cast", made[1], to=1) if p.get("cast") else made[1]
    return Live(name, shape, x.shape[p["axis"]] / 2, 1.0, 0)
