"""LUTs of the small parts that most kernels have, as yosys 0.70 builds them."""

from __future__ import annotations


def adder(bits: int, family: str) -> int:
    """Return the LUTs of an adder or a subtractor: carry cells come in pairs on ECP5."""
    return bits + bits % 2 if family == "ecp5" else bits


def counter(values: int, family: str, compared: bool = True) -> int:
    """Return the LUTs of a counter that counts ``values`` values with an enable and begins again by itself.

    Args:
        values: that it takes; one is no counter.
        family: ``ecp5``, ``xc7`` or ``xcup``.
        compared: whether it is told that the last value is reached, also where it wraps without.
    """
    bits, wraps = (values - 1).bit_length(), values & (values - 1) == 0
    if bits == 0:
        return 0
    if family == "ecp5":
        if bits <= 4:  # tables; above, a carry chain
            return bits + 2 if compared or not wraps else bits + 1
        return adder(bits, family) + ((6 if wraps else bits + 1) if compared or not wraps else 1)
    if bits <= 2:
        return 2 * bits - 1
    if wraps:  # the chain itself needs no LUT but for two inverters
        return 3 if compared else 2
    return max(5, 2 + (values - 1).bit_count() + (bits > 6))


def slice_luts(bits: int) -> int:
    """Return the LUTs of a ``register_slice`` of words of ``bits`` bits: a choice a bit, and its handshake."""
    return bits + 6
