"""Products in the LUTs of the adders that sum them: AMD's LUTs, which have six inputs."""

from __future__ import annotations

from hw.kernels.kernel import Resources
from hw.kernels.matrix_vector_unit.forms.adders import carry_tree, carry_tree_cycles, levels, times
from hw.kernels.matrix_vector_unit.forms.form import Form
from hw.kernels.memory.memory import LUT_INPUTS

CHAIN = 3
"""Carry chains that may follow each other in a cycle."""


class Chain(Form):
    """``chain_products.sv``: an adder for each of a weight's base 4 digits, in chains, and trees over the chains."""

    name = "chain"
    multiplier = "lut"
    rtl = ("chain_products", "digit_chain")
    carries = True

    @property
    def fits(self) -> bool:
        """Whether LUTs have the inputs, and there is more than a lane to sum."""
        return LUT_INPUTS[self.operands.family] == 6 and self.operands.simd > 1

    @property
    def digits(self) -> int:
        """Digits of a weight in base 4."""
        return (self.operands.factor_bits + (not self.operands.factor_signed) + 1) // 2

    @property
    def unit(self) -> bool:
        """Whether weights of two bits are all -1, 0 or 1."""
        o = self.operands
        return o.weight_range[0] == -1 and o.weight_range[1] == 1

    def negative(self, digit: int) -> bool:
        """Whether a digit can be negative."""
        return self.operands.factor_signed or 2 * digit + 1 < self.operands.factor_bits

    def part_bits(self, digit: int) -> int:
        """Bits of a digit times an input, raised so that it is not negative."""
        o = self.operands
        unsigned = not o.factor_signed and 0 < 2 * digit < o.factor_bits
        double = not self.unit and (2 * digit + 1 < o.factor_bits or unsigned)
        return o.bits + double + (self.negative(digit) and (not o.signed or o.bits == 1))

    @property
    def chain(self) -> int:
        """Lanes of a chain, of which the very first product takes no adder; the last chain may have fewer."""
        return min(CHAIN + (self.digits == 1), self.operands.simd)

    @property
    def chains(self) -> int:
        return -(-self.operands.simd // self.chain)

    @property
    def chain_bits(self) -> int:
        """Bits of a chain's sum."""
        largest = 0
        for digit in range(self.digits):
            largest = (largest >> 2) + self.chain * ((1 << self.part_bits(digit)) - 1)
        return largest.bit_length() + 2 * (self.digits - 1)

    @property
    def bias(self) -> int:
        """By what raises its products, a sum is too large."""
        raised = (d for d in range(self.digits) if self.operands.signed or self.negative(d))
        return self.operands.simd * sum(1 << self.part_bits(d) - 1 + 2 * d for d in raised)

    @property
    def layout(self) -> int:
        return self.chain | self.chain_bits << 8 | self.unit << 16

    @property
    def sum_bits(self) -> int:
        return self.chain_bits + levels(self.chains) + 1

    @property
    def cycles(self) -> int:
        return self.digits + carry_tree_cycles(self.chains, 0)

    def resources(self) -> Resources:
        """Return the figures; three registers in a row become a shift register in a LUT."""
        o, digits = self.operands, self.digits
        lane = Resources(lut=sum(self.part_bits(d) for d in range(digits)))
        chain = Resources(ff=self.chain_bits - 2 * (digits - 1)) + _line(digits)
        for digit in range(1, digits):
            own = max(0, min(2, o.weight_bits - 2 * digit))
            # Its own bits wait since they left the memory, the one below was in use until the digit before.
            lane += times(_line(digit + 1), own) + Resources(ff=1 - own)
            above = self.chain_bits - 2 * digit
            chain += Resources(ff=above) + times(_line(digits - digit), 2)
        tree = carry_tree(self.chains, self.chain_bits - 2, 0, o.family)
        row = times(lane, o.simd) + times(chain, self.chains) + tree
        return times(row, o.pe) + Resources(ff=(digits - 1) * o.simd * o.bits)

    def verilog_parameters(self) -> dict[str, int | str]:
        return {**super().verilog_parameters(), "BIAS": self.bias}


def _line(length: int) -> Resources:
    """Return what a line of registers takes."""
    return Resources(lut=1) if length > 2 else Resources(ff=length)
