"""A multiplier of the part for every product."""

from __future__ import annotations

from hw.kernels.kernel import Resources
from hw.kernels.matrix_vector_unit.forms.adders import levels, times, tree
from hw.kernels.matrix_vector_unit.forms.form import Form

SOFT_BITS = 4
"""Products of operands of at most so many bits are built of LUTs in synthesis, also where a DSP is asked for."""
AMD_PRODUCT_BITS = 9
"""The narrowest product for which yosys takes a DSP48."""


class Multiplier(Form):
    """``multiplier_products.sv``: ``*`` between two registers, and a tree."""

    name = "multiplier"
    multiplier = "dsp"
    rtl = ("multiplier_products",)

    @property
    def fits(self) -> bool:
        """Whether synthesis takes a multiplier for a product of such operands."""
        o = self.operands
        widest = max(o.bits + (not o.signed), o.factor_bits + (not o.factor_signed))
        return widest > SOFT_BITS and (o.family == "ecp5" or o.product_bits >= AMD_PRODUCT_BITS)

    @property
    def sum_bits(self) -> int:
        return self.operands.product_bits + levels(self.operands.simd)

    @property
    def cycles(self) -> int:
        return 1 + levels(self.operands.simd)

    def resources(self) -> Resources:
        """Return the figures; yosys moves the operands' registers and the tree's first level into a DSP48E1."""
        o, simd, bits = self.operands, self.operands.simd, self.operands.product_bits
        if o.family != "xc7":
            row = Resources(ff=simd * bits, dsp=simd) + tree(simd, bits, o.family)
        else:
            rest = tree((simd + 1) // 2, bits + 1, o.family) if simd > 1 else Resources()
            row = Resources(ff=-simd * o.weight_bits, dsp=simd) + rest
        return times(row, o.pe)
