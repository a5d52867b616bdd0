"""Pools, reductions, and the largest."""

from __future__ import annotations

from typing import Any

from codesign.fuzz.blocks.registry import block
from codesign.fuzz.sketch import Sketch


def _window(s: Sketch, x: int) -> dict[str, Any]:
    window = s.window(x, 3)
    window["pads"] = [min(p, k - 1) for p, k in zip(window["pads"], window["kernel"] * 2, strict=True)]
    return {**window, "ceil": s.chance(0.3)}


@block()
def max_pool(s: Sketch, x: int) -> int:
    return s.add("max_pool", x, **_window(s, x))


@block()
def average_pool(s: Sketch, x: int) -> int:
    ones = [1] * s.live(x).rank
    made = s.add("average_pool", x, **{**_window(s, x), "dilation": ones})
    return x if made == x else s.quant(made)


@block()
def pooled_floats(s: Sketch, x: int) -> int:
    """A pool between a convolution and its quantizer."""
    if not s.live(x).rank:
        return x
    made = s.elementwise(s.conv(x, s.pick(1, 6)))
    kernel = [min(2, n) for n in s.live(made).shape[1:]]
    return s.quant(s.add("max_pool", made, **{**s.pointwise(made), "kernel": kernel, "stride": kernel}))


@block()
def pooled_pyramid(s: Sketch, x: int) -> int:
    """Pools of several sizes beside each other (SPPF)."""
    rank, parts = s.live(x).rank, [x]
    if not rank:
        return x
    for _ in range(s.pick(1, 3)):
        parts.append(s.add("max_pool", parts[-1], **{**s.pointwise(x), "kernel": [3] * rank, "pads": [1] * 2 * rank}))
    return s.add("concat", *parts, axis=0)


@block(2)
def reduced(s: Sketch, x: int) -> int:
    """The mean, sum or largest over some axes."""
    shape = s.live(x).shape
    if len(shape) == 1:
        return x
    axes = sorted(int(a) for a in s.rng.choice(len(shape), s.pick(1, len(shape) - 1), replace=False))
    keep = 1 if s.chance(0.6) or len(axes) == len(shape) else 0
    return s.quant(s.add(s.one_of("ReduceMean", "ReduceMax", "ReduceSum"), x, axes=axes, keep=keep))


@block()
def global_max(s: Sketch, x: int) -> int:
    return s.add("global_max", x)


@block()
def largest(s: Sketch, x: int) -> int:
    """The k largest channels; their values, or values and places side by side."""
    channels = s.live(x).shape[0]
    if channels < 2:
        return x
    k = s.pick(1, channels)
    values = s.add("top_k", x, k=k, axis=0, part=0)
    if s.chance(0.6):
        return values
    places = s.quant(s.add("top_k", x, k=k, axis=0, part=1, cast=True), 0, 4, 1.0)
    return s.quant(s.add("concat", values, places, axis=0))
