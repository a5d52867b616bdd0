"""What reads integers that nobody has quantized: accumulators, clamps of integers, several readers of one tensor."""

from __future__ import annotations

from codesign.fuzz.blocks.registry import block
from codesign.fuzz.sketch import Sketch


def _accumulator(s: Sketch, x: int, outputs: int) -> int:
    """Integers of few bits and one scale for all channels."""
    weight = {**s.weight(), "weight_bits": s.pick(2, 3), "per_channel": False}
    return s.add("conv", x, outputs=outputs, groups=1, bias=False, **s.same(x), **weight)


@block()
def sum_of_accumulators(s: Sketch, x: int) -> int:
    """Twice the same weights' scale, so that one step is a small multiple of the other."""
    if not s.live(x).rank:
        return x
    channels = s.pick(1, 4)
    first = s.layers[_accumulator(s, x, channels) - 1]
    one = len(s.layers)
    two = s.add("conv", x, **{k: v for k, v in {**first, **s.same(x)}.items() if k not in ("op", "in")})
    return s.quant(s.elementwise(s.add(s.one_of("Add", "Sub"), one, two)))


@block()
def product_of_accumulators(s: Sketch, x: int) -> int:
    if not s.live(x).rank:
        return x
    channels = s.pick(1, 3)
    return s.quant(s.add("Mul", _accumulator(s, x, channels), _accumulator(s, x, channels)))


@block()
def concat_of_accumulators(s: Sketch, x: int) -> int:
    """Of any scales, then one normalization and one quantizer for all."""
    if not s.live(x).rank:
        return x
    parts = [_accumulator(s, x, s.pick(1, 3)) for _ in range(s.pick(2, 3))]
    return s.quant(s.elementwise(s.add("concat", *parts, axis=0)))


@block()
def two_readers(s: Sketch, x: int) -> int:
    """One accumulator, two functions and quantizers of it, which meet again."""
    if not s.live(x).rank:
        return x
    made = s.add("bn", s.conv(x, s.pick(1, 4)), seed=s.fresh(), falling=s.chance(0.5))
    bits, scale = s.pick(3, 6), 0.0625 * s.pick(1, 4)
    one = s.quant(s.add("Relu", made), 1, bits, scale)
    two = s.quant(s.add(s.one_of("Neg", "Tanh", "Identity"), made), 1, bits, scale * s.one_of(1, 1, 2))
    how = s.one_of("Add", "Sub", "Mul", "concat")
    return s.quant(s.add(how, one, two, **({"axis": 0} if how == "concat" else {})))


@block()
def functions_of_one_tensor(s: Sketch, x: int) -> int:
    """f(x) + g(x) of floats, as activations are spelled out."""
    one, two = (s.add(s.one_of("Relu", "Sigmoid", "Tanh", "Abs", "Neg", "Identity"), x) for _ in range(2))
    return s.quant(s.add(s.one_of("Add", "Sub", "Mul"), one, two), bits=s.pick(2, 6))


@block()
def clamped_integers(s: Sketch, x: int) -> int:
    """A Relu behind a quantizer, and a Clip of whole steps, in front of what reads integers."""
    live = s.live(x)
    y = s.add(s.one_of("Relu", "Neg", "Abs", "Sign"), x)
    if live.scale and s.chance(0.5):
        y = s.add("clip", x, low=-2 * live.scale, high=4 * live.scale)
    if not live.rank:
        return s.quant(s.elementwise(s.add("linear", y, outputs=s.pick(1, 5), bias=False, **s.weight())))
    kind = s.pick(0, 2)
    if kind == 0:
        return s.quant(s.elementwise(s.conv(y, s.pick(1, 4))))
    if kind == 1:
        return s.quant(s.add(s.one_of("global_average", "global_max"), y))
    window = {**s.pointwise(y), "kernel": [min(2, n) for n in live.shape[1:]]}
    return s.quant(s.add("max_pool", y, **window))


@block()
def requantized(s: Sketch, x: int) -> int:
    """Quantizers one after the other, finer and coarser."""
    for _ in range(s.pick(1, 3)):
        x = s.quant(s.elementwise(x))
    return x
