"""One multiplier for the products of an input with several rows' weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from codesign.graph import bits_for
from hw.kernels.kernel import Resources
from hw.kernels.matrix_vector_unit.forms.adders import carry_tree, carry_tree_cycles, levels, times
from hw.kernels.matrix_vector_unit.forms.form import Form, Operands, join

OPERANDS = {"ecp5": (18, 18), "xc7": (25, 18), "xcup": (27, 18)}
"""Bits of a multiplier's operands, which are signed: MULT18X18D, DSP48E1, DSP48E2."""
LOGIC_BITS = 1
"""Inputs of at most so many bits need no multiplier."""


@dataclass(frozen=True)
class Packing:
    """Where the weights lie in a multiplier's wide operand, and their products in the product.

    Attributes:
        rows: weights of a multiplier.
        gap: bits of a product.
        narrow: of the gaps between products, the highest, that are a bit less than ``gap``.
    """

    rows: int
    gap: int
    narrow: int

    @property
    def offsets(self) -> tuple[int, ...]:
        wide = self.rows - 1 - self.narrow
        return tuple(r * self.gap - max(0, r - wide) for r in range(self.rows))

    def operand_bits(self, low: int, high: int) -> int:
        """Bits of the operand, which is signed, for weights from ``low`` to ``high``."""
        places = sum(1 << offset for offset in self.offsets)
        bits, signed = bits_for(places * low, places * high)
        return bits + (not signed)


def pack(operands: Operands, rows: int) -> Packing | None:
    """Return the packing of so many rows with the fewest narrow gaps, or None where they do not fit."""
    wide, narrow = OPERANDS[operands.family]
    low, high = operands.product_range
    # What a product lends to the one above makes that one less by 1.
    gap, signed = bits_for(low - (low < 0), high)
    if operands.bits <= LOGIC_BITS or operands.bits + (not operands.signed) > narrow:
        return None
    for close in range(rows if signed else 1):
        packing = Packing(rows, gap, close)
        if packing.operand_bits(*operands.weight_range) <= wide:
            return packing
    return None


class Packed(Form):
    """``packed_products.sv``: as many rows to a multiplier as fit, evenly; trees that take carries."""

    name = "packed"
    multiplier = "dsp"
    rtl = ("packed_products",)
    carries = True

    @property
    def fits(self) -> bool:
        """Whether two rows at least fit into a multiplier."""
        return self.packing is not None

    @cached_property
    def packing(self) -> Packing | None:
        """The packing of a multiplier with all of its rows."""
        pe, rows = self.operands.pe, 1
        while rows < pe and pack(self.operands, rows + 1):
            rows += 1
        multipliers = -(-pe // rows)
        return None if rows == 1 else pack(self.operands, -(-pe // multipliers))

    @property
    def chosen(self) -> Packing:
        assert self.packing is not None  # it fits
        return self.packing

    @property
    def multipliers(self) -> int:
        """Multipliers of an input."""
        return -(-self.operands.pe // self.chosen.rows)

    @property
    def groups(self) -> list[range]:
        """The rows of each of an input's multipliers."""
        ends = [g * self.operands.pe // self.multipliers for g in range(self.multipliers + 1)]
        return [range(a, b) for a, b in zip(ends, ends[1:], strict=False)]

    @property
    def extra(self) -> int:
        """Bits more of a weight that may have lent to the one below."""
        low, high = self.operands.weight_range
        return bits_for(low - (low < 0), high)[0] - self.operands.factor_bits

    @property
    def layout(self) -> int:
        packing = self.chosen
        return self.multipliers | packing.gap << 12 | packing.narrow << 18 | self.extra << 24

    @property
    def word_bits(self) -> int:
        o = self.operands
        return o.simd * (o.pe * (o.factor_bits + self.extra) - self.multipliers * self.extra)

    def encode(self, weights: np.ndarray) -> list[int]:
        """Return the words: for each multiplier, its weights as they lie in its operand, the lowest first."""
        bits, words = self.operands.factor_bits, []
        for word in weights:
            total = at = 0
            for rows in self.groups:
                for column in word[rows.start : rows.stop].T.tolist():
                    lent = 0
                    for r, weight in enumerate(column):
                        field, width = weight - lent, bits + (self.extra if r else 0)
                        total |= (field & ((1 << width) - 1)) << at
                        at, lent = at + width, int(field < 0)
            words.append(total)
        return words

    def verilog_parameters(self) -> dict[str, int | str]:
        """As for all, but weights of 1 and -1 are stored as integers."""
        signed = int(self.operands.factor_signed)
        return {**super().verilog_parameters(), "W_BITS": self.operands.factor_bits, "W_SIGNED": signed, "BIPOLAR": 0}

    @property
    def value_bits(self) -> int:
        """Bits of a product, signed."""
        return self.chosen.gap + (self.operands.product_range[0] >= 0)

    @property
    def sum_bits(self) -> int:
        return self.value_bits + levels(self.operands.simd)

    @property
    def cycles(self) -> int:
        return 1 + carry_tree_cycles(self.operands.simd, 0)

    def resources(self) -> Resources:
        o, packing = self.operands, self.chosen
        total = times(carry_tree(o.simd, self.value_bits, 0, o.family), o.pe)
        for rows in self.groups:
            close = max(0, len(rows) - (packing.rows - packing.narrow))
            bits = packing.offsets[len(rows) - 1] + packing.gap
            total += times(Resources(lut=close, ff=bits + 2 * close, dsp=1), o.simd)
        return total
