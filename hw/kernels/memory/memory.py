"""Which form a memory takes: logic or block RAM."""

from __future__ import annotations

LUT_BITS = {"ecp5": 16, "xc7": 64, "xcup": 64}


def choose_form(words: int, bits: int, family: str) -> str:
    """Return ``lut`` or ``block`` for a ROM of ``words`` words of ``bits`` bits."""
    return "lut" if words <= 64 else "block"
