"""What reads several tensors."""

from __future__ import annotations

from typing import Any

from codesign.fuzz.layers.base import Draft, Live, layer, need


@layer("concat")
def concat(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    axis, x = p["axis"], inputs[0]
    need(all(len(x.shape) == len(y.shape) > axis for y in inputs), "another rank")
    others = {tuple(n for i, n in enumerate(y.shape) if i != axis) for y in inputs}
    need(len(others) == 1, "another shape")
    made = net.op("Concat", *(y.name for y in inputs), axis=axis + 1)
    shape = tuple(sum(y.shape[axis] for y in inputs) if i == axis else n for i, n in enumerate(x.shape))
    scale = x.scale if len({y.scale for y in inputs}) == 1 else 0.0
    return Live(made, shape, max(y.spread for y in inputs), scale, min(y.low for y in inputs))


@layer("Add", "Sub", "Mul")
def join(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """Of two; more are joined one after the other."""
    x, *others = inputs
    for y in others:
        need(len(x.shape) == len(y.shape), "another rank")
        pairs = list(zip(x.shape, y.shape, strict=True))
        need(all(a == b or 1 in (a, b) for a, b in pairs), "another shape")
        spread = x.spread * y.spread if p["op"] == "Mul" else (x.spread**2 + y.spread**2) ** 0.5
        x = Live(net.op(p["op"], x.name, y.name), tuple(max(a, b) for a, b in pairs), spread)
    return x
