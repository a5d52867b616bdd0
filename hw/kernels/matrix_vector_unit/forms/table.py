"""Products of so few bits that a few of them with their sum fit into a LUT a bit."""

from __future__ import annotations

from codesign.graph import bits_for
from hw.kernels.kernel import Resources
from hw.kernels.matrix_vector_unit.forms.adders import levels, times, tree
from hw.kernels.matrix_vector_unit.forms.form import Form
from hw.kernels.memory.memory import LUT_INPUTS


class Table(Form):
    """``table_lanes.sv``: a row's lanes in cells of as many as fit, and a tree over the cells."""

    name = "table"
    multiplier = "lut"
    rtl = ("table_lanes", "gate_product", "gate_sum")

    @property
    def fits(self) -> bool:
        """Whether each bit of a product depends on few enough bits for a LUT."""
        o = self.operands
        narrow = (o.bits == 1 and not o.signed) or (o.factor_bits == 1 and not o.factor_signed)
        return narrow or o.bits + o.weight_bits <= LUT_INPUTS[o.family]

    @property
    def cell(self) -> int:
        """Lanes of a LUT."""
        o = self.operands
        return max(1, min(o.simd, LUT_INPUTS[o.family] // (o.bits + o.weight_bits)))

    @property
    def cells(self) -> int:
        """Sums that a tree adds."""
        return -(-self.operands.simd // self.cell)

    @property
    def cell_bits(self) -> int:
        """Bits of a cell's sum, which is signed."""
        low, high = self.operands.product_range
        bits, signed = bits_for(self.cell * low, self.cell * high)
        return bits + (not signed)

    @property
    def layout(self) -> int:
        return self.cell | self.cell_bits << 8

    @property
    def sum_bits(self) -> int:
        return self.cell_bits + levels(self.cells)

    @property
    def cycles(self) -> int:
        return 1 + levels(self.cells)

    def resources(self) -> Resources:
        family = self.operands.family
        bits, sums = self.cells * self.cell_bits, tree(self.cells, self.cell_bits, family)
        lut = round((bits + sums.lut) * (1 if family == "ecp5" else 0.9))
        return times(Resources(lut=lut, ff=bits + sums.ff), self.operands.pe)
