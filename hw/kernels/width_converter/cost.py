"""What the two halves of a width converter take."""

from __future__ import annotations

from hw.kernels.kernel import Resources


def width_up(bits: int, ratio: int, family: str) -> Resources:
    """Return what gathers ``ratio`` words of ``bits`` bits: registers twice, a choice a bit of the last part."""
    digits = (ratio - 1).bit_length()
    control = 7 * digits + 2 if family == "ecp5" else digits + 6
    return Resources(lut=bits + 1 + control, ff=2 * bits * ratio + digits + 4)


def width_down(bits: int, ratio: int, family: str) -> Resources:
    """Return what gives a wide word as ``ratio`` words of ``bits`` bits: a choice a bit of the wide word and of one."""
    digits, wide = (ratio - 1).bit_length(), bits * ratio
    control = 6 * digits + 11 if family == "ecp5" else 2 * digits + 10
    return Resources(lut=wide + control, ff=wide + bits + digits + 5)
