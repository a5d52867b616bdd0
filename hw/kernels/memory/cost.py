"""What memories cost, by form, calibrated against yosys."""

from __future__ import annotations

from math import ceil

from hw.kernels.kernel import Resources

SHAPES = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))
"""Words and bits that a block RAM of 18 kbit can have."""


def block_rams(words: int, bits: int) -> int:
    """Return the block RAMs of 18 kbit that ``words`` words of ``bits`` bits take, in the best of their shapes."""
    return min(ceil(words / depth) * ceil(bits / width) for depth, width in SHAPES)


def lut_ram(words: int, bits: int, family: str) -> Resources:
    """Return what a distributed RAM with one write and one read port takes, without registers."""
    if family == "ecp5":
        rows = ceil(words / 16)
        return Resources(lut=6 * rows * ceil(bits / 4) + (rows - 1) * bits)
    return Resources(lut=4 * ceil(words / 32) * ceil(bits / 6))


def lut_rom(words: int, bits: int, family: str) -> Resources:
    """Return what a ROM made of logic takes, with its two registers."""
    if words == 1:
        return Resources()
    each = ceil(words / 16) if family == "ecp5" else ceil(words / 64)
    share = {1: 0.3, 2: 0.3, 4: 0.5, 8: 0.75}.get(
        1 << (words - 1).bit_length(), 1.0
    )  # bits that agree share their logic
    return Resources(lut=round(each * share * bits), ff=2 * bits)


def rom(words: int, bits: int, form: str, family: str) -> Resources:
    """Return what a ROM takes, ``form`` being ``block`` or ``lut``, with the registers behind it."""
    return Resources(ff=bits, bram=block_rams(words, bits)) if form == "block" else lut_rom(words, bits, family)


def queue(places: int, bits: int, family: str) -> Resources:
    """Return what a ``result_queue`` of ``places`` words takes."""
    if places == 1:
        return Resources(lut=3, ff=bits + 2)
    address = places.bit_length() - 1
    logic = 6 * address + 6 if family == "ecp5" else 3 * address + 6
    return lut_ram(places, bits, family) + Resources(lut=logic, ff=3 * address + 3 + bits)
