"""hls4ml's types from proven ranges: nothing overflows, and nothing is wider than it must be."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from codesign.errors import Reject, UserError
from codesign.graph import bits_for

Bounds = tuple[int, int]
"""Smallest and largest integer of all channels."""
FIXED = re.compile(r"(?:ap_)?(u?)fixed<(\d+),(\d+)>")
INTEGER = re.compile(r"(?:ap_)?(u?)int<(\d+)>")


@dataclass(frozen=True)
class Fixed:
    """A fixed-point type: ``integer_bits`` of ``bits`` are before the point, with the sign's where it has one."""

    bits: int
    integer_bits: int
    signed: bool = True

    @staticmethod
    def parse(text: str) -> Fixed:
        """Read ``fixed<48,20>``, ``ufixed<…>``, ``int<12>`` or ``uint<…>``, with or without ``ap_`` before it.

        Raises:
            UserError: where it is none of these, or can hold no integer.
        """
        compact = text.replace(" ", "")
        if found := FIXED.fullmatch(compact):
            kind = Fixed(int(found[2]), int(found[3]), not found[1])
        elif found := INTEGER.fullmatch(compact):
            kind = Fixed(int(found[2]), int(found[2]), not found[1])
        else:
            raise UserError(f"--precision must be derived or a type such as fixed<48,20> or int<24>, not {text!r}.")
        if kind.bits < 1 or kind.integer_bits < 1:
            raise UserError(f"--precision {text} must have at least one bit before its point: here integers are held.")
        return kind

    def holds(self, low: int, high: int) -> bool:
        """Whether every integer in [low, high] is one of its values."""
        span = 1 << self.integer_bits - self.signed
        return self.bits >= self.integer_bits and (-span if self.signed else 0) <= low and high < span

    def __str__(self) -> str:
        name = ("" if self.signed else "u") + ("int" if self.bits == self.integer_bits else "fixed")
        return f"{name}<{self.bits}>" if self.bits == self.integer_bits else f"{name}<{self.bits},{self.integer_bits}>"


def narrowest(low: int, high: int) -> Fixed:
    """Return the narrowest integer type that holds [low, high]."""
    bits, signed = bits_for(low, high)
    return Fixed(bits, bits, signed)


def of_weights(values: np.ndarray) -> Fixed:
    """Return the narrowest type for constants that hls4ml multiplies with rightly.

    hls4ml takes 1-bit and 2-bit weights for the binary and the ternary kind, whose products are no products of -2.
    """
    kind = narrowest(min(int(values.min(initial=0)), -1), int(values.max(initial=0)))
    if kind.bits == 2 and values.min(initial=0) < -1:
        kind = Fixed(3, 3)
    if kind.bits > 53:
        raise Reject(f"a constant of {kind.bits} bits is wider than the 53 that hls4ml keeps", "quantize to fewer bits")
    return Fixed(max(kind.bits, 2), max(kind.bits, 2))


def partial_sums(weights: np.ndarray, low: np.ndarray, high: np.ndarray) -> Bounds:
    """Bounds of every partial sum of ``weights @ x`` in any order, and of every product.

    Args:
        weights: int64 [O, K].
        low, high: bounds of each x, int64 [K].
    """
    products = weights * low, weights * high
    lows, highs = np.minimum(*products), np.maximum(*products)
    least, most = np.minimum(lows, 0).sum(1).min(), np.maximum(highs, 0).sum(1).max()
    return int(least), int(most)
