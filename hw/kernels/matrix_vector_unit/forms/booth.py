"""Products in logic by Booth's recoding: for all operands, and meant for weights of few bits."""

from __future__ import annotations

from hw.kernels.kernel import Resources
from hw.kernels.matrix_vector_unit.forms.adders import adder, carry_tree, carry_tree_cycles, levels, times
from hw.kernels.matrix_vector_unit.forms.form import Form


class Booth(Form):
    """``booth_products.sv``: an adder for each of a weight's base 4 digits but one, and trees that take carries."""

    name = "booth"
    multiplier = "lut"
    rtl = ("booth_products", "booth_lane")
    carries = True

    @property
    def fits(self) -> bool:
        return True

    @property
    def digits(self) -> int:
        """Digits of a weight in base 4."""
        return (self.operands.factor_bits + (not self.operands.factor_signed) + 1) // 2

    @property
    def sum_bits(self) -> int:
        return self.operands.product_bits + levels(self.operands.simd)

    @property
    def cycles(self) -> int:
        return max(2, self.digits) + carry_tree_cycles(self.operands.simd, int(self.digits > 1))

    def resources(self) -> Resources:
        o, digits, part = self.operands, self.digits, self.operands.bits + 1
        if o.bipolar:  # one digit that is never zero
            lane = Resources(lut=part, ff=part + 2)
        else:
            late = max(0, digits - 2) * (o.product_bits + digits * part // 2)
            lane = Resources(
                lut=digits * part + (digits - 1) * (2 + adder(part + 2, o.family)),
                ff=digits * (part + 3) + digits - 1 + late,
            )
        row = times(lane, o.simd) + carry_tree(o.simd, o.product_bits, int(digits > 1), o.family)
        return times(row, o.pe)
