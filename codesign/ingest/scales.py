"""One step for values of different scales: integers times small factors, where the ratios are small integers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import count
from math import gcd, lcm
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.graph import Requantize
from codesign.ingest.state import IntegerTensor

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler

LARGEST_COEFFICIENT = 255


def common_step(scales: Sequence[Fraction]) -> tuple[Fraction, list[int]] | None:
    """The largest step of which all ``scales`` are multiples, and the multiples; None: one has more than 8 bits."""
    bottom = lcm(*(s.denominator for s in scales))
    step = Fraction(gcd(*(int(s * bottom) for s in scales)), bottom)
    if all(s < 0 for s in scales):
        step = -step
    factors = [int(s / step) for s in scales]
    return (step, factors) if max(map(abs, factors)) <= LARGEST_COEFFICIENT else None


def multiplied(compiler: Compiler, x: IntegerTensor, factors: Sequence[int]) -> IntegerTensor:
    """The same values in steps that are ``factors`` times finer, one factor a channel; ``x`` has no view."""
    if all(f == 1 for f in factors):
        return x
    ends = np.stack([x.tensor.low * np.array(factors), x.tensor.high * np.array(factors)])
    names = (f"{x.tensor.name}_multiplied" + (f"_{i}" if i else "") for i in count())
    operator = Requantize(
        inputs=(x.tensor.name,),
        output=next(n for n in names if n not in compiler.tensors),
        multiplier=np.array(factors, np.int64),
        offset=np.zeros(len(factors), np.int64),
        shift=0,
        low=int(ends.min()),
        high=int(ends.max()),
    )
    made = compiler.emit(operator, [x], x.shape, tuple(s / f for s, f in zip(x.scale, factors, strict=True)))
    shift = tuple(s * f for s, f in zip(x.shift, factors, strict=True)) if x.shift else ()
    return replace(made, shift=shift)


def one_scale(compiler: Compiler, x: IntegerTensor, groups: int = 1) -> IntegerTensor:
    """``x``, which has no view, with one scale for the channels of each group.

    Raises:
        Reject: the scales have no small integer ratio.
    """
    size = len(x.scale) // groups
    factors: list[int] = []
    for group in range(groups):
        scales = x.scale[group * size : (group + 1) * size]
        if all(s == scales[0] for s in scales):
            factors += [1] * size
            continue
        found = common_step(scales)
        if found is None:
            raise Reject(
                "it sums input channels of different scales (a scale for each channel of the activation, or joined "
                f"branches: {float(min(scales)):.6g} to {float(max(scales)):.6g}) that no small integer ratio joins",
                "use one activation scale for all channels and joined branches, or a depthwise convolution",
            )
        factors += found[1]
    return multiplied(compiler, x, factors)


def same_scales(compiler: Compiler, tensors: Sequence[IntegerTensor]) -> list[IntegerTensor]:
    """Tensors of one number of channels, each without a view, with the same scale and offset in each channel.

    Raises:
        Reject: the scales have no small integer ratio.
    """
    if len({x.shifts for x in tensors}) > 1:
        tensors = [compiler.centred(x) for x in tensors]
    found = [common_step(scales) for scales in zip(*(x.scale for x in tensors), strict=True)]
    if any(f is None for f in found):
        shown = " and ".join(f"{float(x.scale[0]):.9g}" for x in tensors[:2])
        raise Reject(
            f"its operands have different scales ({shown}), which no small integer ratio joins",
            "give the branches the same quantizer",
        )
    made = [multiplied(compiler, x, [f[1][i] for f in found if f]) for i, x in enumerate(tensors)]
    if len({x.shifts for x in made}) > 1:
        raise Reject("its operands have different offsets", "put quantizers before it")
    return made
