"""What adders take, for the forms' estimates."""

from __future__ import annotations

from hw.kernels.kernel import Resources


def levels(inputs: int) -> int:
    """Return the levels of a tree of adders."""
    return (inputs - 1).bit_length()


def adder(bits: int, family: str) -> int:
    """Return the LUTs of an adder: carry cells come in pairs on ECP5."""
    return bits + bits % 2 if family == "ecp5" else bits


def tree(inputs: int, bits: int, family: str) -> Resources:
    """Return what a tree without carries takes, which has a register a level."""
    lut = ff = 0
    for level in range(1, levels(inputs) + 1):
        adders, inputs = inputs // 2, (inputs + 1) // 2
        lut += adders * adder(bits + level, family)
        ff += inputs * (bits + level)
    return Resources(lut=lut, ff=ff)


def carry_tree(inputs: int, bits: int, skew: int, family: str) -> Resources:
    """Return what a tree with carries takes, which has a register every second level, ``skew`` levels less at first."""
    lut = ff = 0
    depth = levels(inputs)
    for level in range(1, depth + 1):
        adders, inputs = inputs // 2, (inputs + 1) // 2
        lut += adders * adder(bits + level + 1, family)
        if level == depth or (level + skew) % 2 == 0:
            ff += inputs * (bits + level + 1)
    return Resources(lut=lut, ff=ff)


def carry_tree_cycles(inputs: int, skew: int) -> int:
    """Return the registers between the leaves and the root of a tree with carries."""
    depth = levels(inputs)
    return sum(1 for level in range(1, depth + 1) if level == depth or (level + skew) % 2 == 0)


def times(resources: Resources, number: int) -> Resources:
    """Return ``number`` times the resources."""
    return Resources(*(number * n for n in (resources.lut, resources.ff, resources.bram, resources.dsp)))
