"""Convolutions of all kinds, with what stands behind them."""

from __future__ import annotations

from codesign.fuzz.blocks.registry import block
from codesign.fuzz.sketch import Sketch


@block(4)
def plain(s: Sketch, x: int) -> int:
    shape = s.live(x).shape
    if len(shape) == 1:
        return x
    outputs, groups = s.pick(1, 8), 1
    dividing = [g for g in range(2, shape[0] + 1) if shape[0] % g == 0]
    if dividing and s.chance(0.35):
        groups = s.one_of(*dividing)
        outputs = groups * s.pick(1, max(8 // groups, 1))
    return s.quant(s.elementwise(s.conv(x, outputs, groups)))


@block()
def depthwise(s: Sketch, x: int) -> int:
    channels = s.live(x).shape[0]
    if s.live(x).rank == 0:
        return x
    return s.quant(s.elementwise(s.conv(x, channels * s.pick(1, 2), channels)))


@block()
def depthwise_of_channels_of_their_own_scale(s: Sketch, x: int) -> int:
    """A scale a channel, which a convolution of single channels may read; then perhaps a pool first."""
    channels = s.live(x).shape[0]
    if s.live(x).rank == 0:
        return x
    own = s.quant(x, scales=s.fresh(), zero=0)
    if s.chance(0.3):
        own = s.add("max_pool", own, **{**s.pointwise(own), "kernel": [min(2, n) for n in s.live(own).shape[1:]]})
    return s.quant(s.elementwise(s.conv(own, channels * s.pick(1, 2), channels)))


@block()
def two_without_a_quantizer(s: Sketch, x: int) -> int:
    """A Relu alone between two convolutions, as where a quantizer was forgotten: it is a clamp of integers."""
    if s.live(x).rank == 0:
        return x
    inner = s.add("Relu", s.add("conv", x, outputs=s.pick(1, 4), groups=1, bias=False, **s.same(x),
                                **{**s.weight(), "weight_bits": 3, "per_channel": False}))  # fmt: skip
    return s.quant(s.elementwise(s.conv(inner, s.pick(1, 4))))


@block()
def transposed(s: Sketch, x: int) -> int:
    channels, *sizes = s.live(x).shape
    if not sizes:
        return x
    stride = [s.pick(1, 3) for _ in sizes]
    kernel = [max(s.pick(1, 4), n) for n in stride]
    dilation = [s.pick(1, 2) if s.chance(0.3) else 1 for _ in sizes]
    pads = [s.pick(0, (k - 1) // 2) for k in kernel * 2]
    extra = [s.pick(0, n - 1) if s.chance(0.3) else 0 for n in stride]
    groups = s.one_of(*(g for g in range(1, channels + 1) if channels % g == 0)) if s.chance(0.4) else 1
    made = s.add(
        "conv_transpose", x, outputs=groups * s.pick(1, max(4 // groups, 1)), groups=groups, kernel=kernel,
        stride=stride, pads=pads, dilation=dilation, extra=extra, bias=s.chance(0.3), **s.weight(),
    )  # fmt: skip
    return s.quant(s.elementwise(made))


@block()
def bipolar(s: Sketch, x: int) -> int:
    """1-bit activations, then 1-bit weights."""
    if s.live(x).rank == 0:
        return x
    x = s.add("bipolar", s.elementwise(s.conv(x, s.pick(2, 8))), scale=float(s.rng.choice([1, 0.3])))
    window = {**s.window(x), "pads": [0, 0] * s.live(x).rank}
    binary = {**s.weight(), "weight_bits": 1, "weight_form": s.one_of("Quant", "one_bit")}
    made = s.add("conv", x, outputs=s.pick(1, 8), groups=1, bias=False, **window, **binary)
    return s.quant(s.elementwise(made))


@block()
def padded(s: Sketch, x: int) -> int:
    """A Pad of any mode in front of a convolution, a pool, or alone."""
    live = s.live(x)
    if not live.rank:
        return x
    mode = s.one_of("constant", "constant", "edge", "reflect")
    level = s.pick(live.low, live.low + 2) if mode == "constant" and live.scale > 0 and s.chance(0.4) else 0
    pads = [s.pick(0, min(2, n - 1) if mode == "reflect" else 2) for n in (*live.shape[1:], *live.shape[1:])]
    y = s.add("pad", x, pads=pads, mode=mode, level=level)
    kind = s.pick(0, 3)
    if kind == 0:
        return s.quant(y)
    if kind == 1:
        return s.add("max_pool", y, **{**s.pointwise(y), "kernel": [min(2, n) for n in s.live(y).shape[1:]]})
    if kind == 2:
        window = {**s.pointwise(y), "kernel": [min(2, n) for n in s.live(y).shape[1:]]}
        return s.quant(s.add("average_pool", y, **window))
    return s.quant(s.elementwise(s.conv(y, s.pick(1, 6))))
