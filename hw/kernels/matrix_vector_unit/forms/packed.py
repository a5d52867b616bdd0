"""One multiplier for the products of an input with several rows' weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from codesign.graph import bits_for
from hw.kernels.kernel import Resources
from hw.kernels.matrix_vector_unit.forms.adders import carry_tree, carry_tree_cycles, levels, times
from hw.kernels.matrix_vector_unit.forms.form import Form, Operands, joined

OPERANDS = {"ecp5": (18, 18), "xc7": (25, 18), "xcup": (27, 18)}
"""Bits of a multiplier's operands, which are signed: MULT18X18D, DSP48E1, DSP48E2."""
ADDS = ("xc7",)
"""Families for which yosys takes the adder behind a multiplier into the same DSP."""
LOGIC_BITS = 1
"""Inputs of at most so many bits need no multiplier."""


@dataclass(frozen=True)
class Packing:
    """Where the weights lie in a multiplier's wide operand, and their products in the product.

    Attributes:
        rows: weights of a multiplier.
        gap: bits of a product.
        narrow: of the gaps between products, the highest, that are a bit less than ``gap``.
        offset: all weights but the highest have half their range added; an adder behind the multiplier takes it back.
    """

    rows: int
    gap: int
    narrow: int
    offset: bool

    @property
    def offsets(self) -> tuple[int, ...]:
        """The place of each product's, and weight's, lowest bit."""
        wide = self.rows - 1 - self.narrow
        return tuple(r * self.gap - max(0, r - wide) for r in range(self.rows))

    def operand_bits(self, low: int, high: int) -> int:
        """Bits of the operand, which is signed, for weights from ``low`` to ``high``."""
        if self.offset:
            return self.offsets[-1] + bits_for(low, high)[0]
        places = sum(1 << offset for offset in self.offsets)
        bits, signed = bits_for(places * low, places * high)
        return bits + (not signed)


def packings(operands: Operands, rows: int) -> Iterator[Packing]:
    """Yield the packings of so many rows that may fit, those that take the least logic first."""
    low, high = operands.product_range
    # A product that has lent to the one below is less by 1.
    gap, signed = bits_for(low - (low < 0), high)
    for narrow in range(rows if signed else 1):
        yield Packing(rows, gap, narrow, offset=False)
    offset = operands.family in ADDS and not operands.signed and operands.factor_signed and operands.factor_bits > 1
    for narrow in range(rows if offset else 0):
        # The sum of a product and what is added lies within so many bits, none negative.
        yield Packing(rows, operands.bits + operands.factor_bits, narrow, offset=True)


def pack(operands: Operands, rows: int) -> Packing | None:
    """Return the first packing of so many rows that fits a multiplier, or None."""
    wide, narrow = OPERANDS[operands.family]
    if operands.bits <= LOGIC_BITS or operands.bits + (not operands.signed) > narrow:
        return None
    fitting = (p for p in packings(operands, rows) if p.operand_bits(*operands.weight_range) <= wide)
    return next(fitting, None)


class Packed(Form):
    """``packed_products.sv``: as many rows to a multiplier as fit, evenly; trees that take carries."""

    name = "packed"
    multiplier = "dsp"
    rtl = ("packed_products",)
    carries = True

    @property
    def fits(self) -> bool:
        """Whether two rows at least fit into a multiplier."""
        return self.found is not None

    @cached_property
    def found(self) -> Packing | None:
        """The packing of a multiplier that has all of its rows, if two or more fit."""
        pe, rows = self.operands.pe, 1
        while rows < pe and pack(self.operands, rows + 1):
            rows += 1
        return None if rows == 1 else pack(self.operands, -(-pe // -(-pe // rows)))

    @property
    def packing(self) -> Packing:
        """The packing, where it fits."""
        if self.found is None:
            raise ValueError("the operands do not fit into a multiplier twice")
        return self.found

    @property
    def multipliers(self) -> int:
        """Multipliers of an input."""
        return -(-self.operands.pe // self.packing.rows)

    @property
    def groups(self) -> list[range]:
        """The rows of each of an input's multipliers."""
        ends = [g * self.operands.pe // self.multipliers for g in range(self.multipliers + 1)]
        return [range(first, end) for first, end in pairwise(ends)]

    @property
    def extra(self) -> int:
        """Bits more of a weight that may have lent to the one below."""
        low, high = self.operands.weight_range
        return 0 if self.packing.offset else bits_for(low - (low < 0), high)[0] - self.operands.factor_bits

    @property
    def layout(self) -> int:
        packing = self.packing
        return self.multipliers | packing.gap << 12 | packing.narrow << 18 | self.extra << 24 | packing.offset << 25

    @property
    def word_bits(self) -> int:
        o = self.operands
        return o.simd * (o.pe * (o.factor_bits + self.extra) - self.multipliers * self.extra)

    def encode(self, weights: np.ndarray) -> list[int]:
        """Return the words: for each multiplier, its weights as they lie in its operand, the lowest first."""
        parts, widths = [], []
        for rows in self.groups:
            fields, bits = zip(*self._fields(weights[:, rows.start : rows.stop]), strict=True)
            parts.append(np.stack(fields, -1).reshape(len(weights), -1))  # column by column
            widths += [*bits] * self.operands.simd
        return joined(np.concatenate(parts, 1), np.array(widths))

    def _fields(self, weights: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
        """Yield what operands hold of each row's weights, int64 [words, rows, simd], and its bits in memory."""
        bits, lent = self.operands.factor_bits, np.int64(0)
        for r, row in enumerate(np.moveaxis(weights, 1, 0)):
            if self.packing.offset:
                yield row + (0 if r == weights.shape[1] - 1 else 1 << (bits - 1)), bits
            else:
                field = row - lent
                yield field, bits + (self.extra if r else 0)
                lent = field < 0

    def verilog_parameters(self) -> dict[str, int | str]:
        """As for all, but weights of 1 and -1 are stored as integers."""
        signed = int(self.operands.factor_signed)
        return {**super().verilog_parameters(), "W_BITS": self.operands.factor_bits, "W_SIGNED": signed, "BIPOLAR": 0}

    @property
    def value_bits(self) -> int:
        """Bits of a product, signed."""
        return self.packing.gap + (self.operands.product_range[0] >= 0)

    @property
    def sum_bits(self) -> int:
        return self.value_bits + levels(self.operands.simd)

    @property
    def cycles(self) -> int:
        return 1 + self.packing.offset + carry_tree_cycles(self.operands.simd, 0)

    def resources(self) -> Resources:
        """Return the figures; yosys moves the registers behind a multiplier into a DSP48E1."""
        o, packing = self.operands, self.packing
        total = times(carry_tree(o.simd, self.value_bits, 0, o.family), o.pe)
        for rows in self.groups:
            close = max(0, len(rows) - (packing.rows - packing.narrow))
            held = 0 if o.family == "xc7" else packing.offsets[len(rows) - 1] + packing.gap
            total += times(Resources(lut=close, ff=held + (1 + packing.offset) * (close + 1), dsp=1), o.simd)
        if packing.offset:
            total += Resources(lut=o.simd * o.bits)  # the inputs inverted
        return total
