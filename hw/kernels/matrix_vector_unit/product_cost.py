"""What the forms of a dot product take, counted as their RTL is built; the constants are fitted to yosys 0.70."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hw.kernels.kernel import Resources

if TYPE_CHECKING:
    from hw.kernels.matrix_vector_unit.product import Product


def lanes_cost(product: Product, family: str) -> Resources:
    """Return what one dot product takes."""
    if product.form == "table":
        bits, tree = product.cells * product.cell_bits, _tree(product.cells, product.cell_bits, family)
        return Resources(lut=round((bits + tree.lut) * (1 if family == "ecp5" else 0.9)), ff=bits + tree.ff)
    return _booth(product, family) if product.form == "lut" else _multipliers(product, family)


def _tree(inputs: int, bits: int, family: str) -> Resources:
    """A tree of adders with a register a level."""
    lut = ff = 0
    for level in range(1, levels(inputs) + 1):
        adders, inputs = inputs // 2, (inputs + 1) // 2
        lut += adders * adder(bits + level, family)
        ff += inputs * (bits + level)
    return Resources(lut=lut, ff=ff)


def _booth(product: Product, family: str) -> Resources:
    """Booth's recoding; a tree that takes a carry at every adder, and has a register every second level."""
    simd, digits, part = product.simd, product.digits, product.bits + 1
    if product.bipolar:  # one digit that is never zero
        lut, ff = simd * part, simd * (part + 2)
    else:
        late = max(0, digits - 2) * (product.product_bits + digits * part // 2)
        lut = simd * (digits * part + (digits - 1) * (2 + adder(part + 2, family)))
        ff = simd * (digits * (part + 3) + digits - 1 + late)
    nodes, depth = simd, levels(simd)
    for level in range(1, depth + 1):
        adders, nodes = nodes // 2, (nodes + 1) // 2
        lut += adders * adder(product.product_bits + level + 1, family)
        if level == depth or (level + (digits > 1)) % 2 == 0:
            ff += nodes * (product.product_bits + level + 1)
    return Resources(lut=lut, ff=ff)


def _multipliers(product: Product, family: str) -> Resources:
    """DSPs; yosys moves the operands' registers and the tree's first level into a DSP48E1."""
    simd, bits = product.simd, product.product_bits
    if family != "xc7":
        return Resources(ff=simd * bits, dsp=simd) + _tree(simd, bits, family)
    rest = _tree((simd + 1) // 2, bits + 1, family) if simd > 1 else Resources()
    return Resources(ff=-simd * product.weight_bits, dsp=simd) + rest


def levels(inputs: int) -> int:
    """Return the levels of a tree of adders."""
    return (inputs - 1).bit_length()


def adder(bits: int, family: str) -> int:
    """Return the LUTs of an adder: carry cells come in pairs on ECP5."""
    return bits + bits % 2 if family == "ecp5" else bits
