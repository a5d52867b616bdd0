"""What the rules of pooling operators share."""

from __future__ import annotations

from codesign.graph import bits_for


def stream_bits(low: int, high: int, signed: bool) -> int:
    """Return the bits of a stream that holds [low, high], of the sign that its source has."""
    bits, negative = bits_for(low, high)
    return bits + (signed and not negative)
