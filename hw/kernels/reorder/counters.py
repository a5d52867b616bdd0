"""Nested counters: an order of a block's integers, as the hardware counts it."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, prod

import numpy as np

from hw.kernels.kernel import must

LEVELS = 6
"""Counters that the RTL has."""

Loops = tuple[tuple[int, int], ...]
"""(size, stride) of each counter, outermost first."""


def merged(sizes: Sequence[int], strides: Sequence[int]) -> Loops:
    """Return the same order with the fewest counters: those of one value are dropped, those that run on are joined."""
    loops: list[tuple[int, int]] = []
    for size, stride in zip(sizes, strides, strict=True):
        if size == 1:
            continue
        if loops and loops[-1][1] == stride * size:
            loops[-1] = (loops[-1][0] * size, stride)
        else:
            loops.append((size, stride))
    return tuple(loops) or ((1, 1),)


def order(loops: Loops) -> np.ndarray:
    """Return the place in the block of each integer sent, int64 [prod(sizes)]."""
    places = np.zeros((), np.int64)
    for size, stride in loops:
        places = places[..., None] + np.arange(size) * stride
    return places.reshape(-1)


def lanes(loops: Loops) -> int:
    """Return the most consecutive integers that travel together: what PE must divide."""
    *outer, (size, stride) = loops
    return gcd(size, *(s for _, s in outer)) if stride == 1 else 1


def in_words(loops: Loops, pe: int) -> Loops:
    """Return the counters of words of ``pe`` integers; ``pe`` divides ``lanes``."""
    *outer, (size, stride) = loops
    if pe == 1:
        return loops
    return merged([s for s, _ in outer] + [size // pe], [s // pe for _, s in outer] + [stride])


def parameters(loops: Loops, name: str = "STEP") -> dict[str, int]:
    """Return the RTL's SIZE_i, and its STEP_i or STRIDE_i, counter 0 the innermost.

    A step is what the address moves by where counter i moves and all inside it begin again.
    """
    must(len(loops) <= LEVELS, f"An order may have {LEVELS} nested counters, not the {len(loops)} of {loops}")
    given: dict[str, int] = {}
    for index, (size, stride) in enumerate(reversed(loops)):
        inner = loops[len(loops) - index :]
        back = sum((n - 1) * s for n, s in inner)
        given |= {f"SIZE_{index}": size, f"{name}_{index}": stride - back if name == "STEP" else stride}
    return given


def count_bits(loops: Loops) -> int:
    """Return the bits of all counters."""
    return sum((size - 1).bit_length() for size, _ in loops)


def places(loops: Loops) -> int:
    """Return how many integers are sent."""
    return prod(size for size, _ in loops)
