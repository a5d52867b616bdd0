"""How weights are stored and multiplied: chosen from the weights' values, the input's bits and the part family."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from codesign.graph import bits_for
from hw.design.stream import Stream
from hw.kernels.kernel import Memory
from hw.kernels.matrix_vector_unit.product_cost import lanes_cost, levels
from hw.kernels.memory.memory import LUT_INPUTS

SOFT_BITS = 4
"""Products of operands of at most so many bits are built of LUTs in synthesis, also where a DSP is asked for."""
AMD_PRODUCT_BITS = 9
"""The narrowest product for which yosys takes a DSP48."""


@dataclass(frozen=True)
class Product:
    """The dot product of ``simd`` inputs and weights, as ``dot_product.sv`` builds it.

    Attributes:
        form: ``lut`` (Booth's recoding in logic), ``dsp`` or ``table`` (a few lanes to a LUT).
        bits, signed: of an input.
        weight_low, weight_high: smallest and largest weight.
        bipolar: all weights are -1 or 1, and are stored in a bit.
        simd: inputs and weights a cycle.
        inputs: of a LUT.
    """

    form: str
    bits: int
    signed: bool
    weight_low: int
    weight_high: int
    bipolar: bool
    simd: int
    inputs: int

    rtl: ClassVar[tuple[str, ...]] = (
        "dot_product",
        "booth_lane",
        "table_lanes",
        "gate_product",
        "gate_sum",
        "adder_tree",
    )

    @classmethod
    def of(cls, weights: np.ndarray, bits: int, signed: bool, simd: int, wish: str, family: str) -> Product:
        """Return the form for these weights.

        Args:
            weights: all of them.
            bits, signed: of an input.
            simd: inputs and weights a cycle.
            wish: ``lut``, or ``dsp`` where synthesis takes one for such a product.
            family: part family.
        """
        low, high = int(weights.min()), int(weights.max())
        bipolar = low == -1 and high == 1 and bool(weights.all())
        made = cls("table", bits, signed, low, high, bipolar, simd, LUT_INPUTS[family])
        if wish == "dsp" and made.is_wide(family):
            return replace(made, form="dsp")
        booth = replace(made, form="lut")
        return made if made.fits and lanes_cost(made, family).lut <= lanes_cost(booth, family).lut else booth

    @property
    def fits(self) -> bool:
        """Whether each bit of a product depends on few enough bits for a LUT."""
        narrow = (self.bits == 1 and not self.signed) or (self.factor_bits == 1 and not self.factor_signed)
        return narrow or self.bits + self.weight_bits <= self.inputs

    def is_wide(self, family: str) -> bool:
        """Whether synthesis takes a multiplier for a product of such operands."""
        operands = self.bits + (not self.signed), self.factor_bits + (not self.factor_signed)
        product = self.bits + self.factor_bits + (not self.signed and not self.factor_signed)
        return max(operands) > SOFT_BITS and (family == "ecp5" or product >= AMD_PRODUCT_BITS)

    @property
    def factor_bits(self) -> int:
        """Bits of what is multiplied."""
        return bits_for(self.weight_low, self.weight_high)[0]

    @property
    def factor_signed(self) -> bool:
        return bits_for(self.weight_low, self.weight_high)[1]

    @property
    def weight_bits(self) -> int:
        """Bits of a weight in memory."""
        return 1 if self.bipolar else self.factor_bits

    @property
    def digits(self) -> int:
        """Digits of a weight in base 4."""
        return (self.factor_bits + (not self.factor_signed) + 1) // 2

    @property
    def product_bits(self) -> int:
        """Bits of a product: one more where neither operand is signed, because the sums are."""
        return self.bits + self.factor_bits + (not self.signed and not self.factor_signed)

    @property
    def cell(self) -> int:
        """Lanes of a LUT."""
        return max(1, min(self.simd, self.inputs // (self.bits + self.weight_bits)))

    @property
    def cells(self) -> int:
        """Sums that the tree adds."""
        return -(-self.simd // self.cell)

    @property
    def cell_bits(self) -> int:
        """Bits of a cell's sum, which is signed."""
        x = Stream(1, self.bits, self.signed)
        products = [a * w for a in (x.low, x.high) for w in (self.weight_low, self.weight_high)]
        bits, signed = bits_for(self.cell * min(products), self.cell * max(products))
        return bits + (not signed)

    @property
    def sum_bits(self) -> int:
        """Bits of the sum."""
        if self.form == "table":
            return self.cell_bits + levels(self.cells)
        return self.product_bits + levels(self.simd)

    @property
    def cycles(self) -> int:
        """Cycles from the operands to their sum."""
        if self.form == "table":
            return 1 + levels(self.cells)
        depth = levels(self.simd)
        if self.form == "dsp":
            return 1 + depth
        tree = (depth + 1) // 2 if self.digits == 1 else depth // 2 + 1 if depth else 0
        return max(2, self.digits) + tree

    def memory(self, words: np.ndarray) -> Memory:
        """Return the contents for weights int64 [words, weights a word], the first in the lowest bits."""
        bits = self.weight_bits
        if self.bipolar:
            words = words > 0
        fields = (words & ((1 << bits) - 1)).astype(np.int64).tolist()
        packed = tuple(sum(w << (bits * i) for i, w in enumerate(word)) for word in fields)
        return Memory(packed, bits * words.shape[1])

    def verilog_parameters(self) -> dict[str, int | str]:
        return {
            "X_BITS": self.bits,
            "X_SIGNED": int(self.signed),
            "W_BITS": self.weight_bits,
            "W_SIGNED": int(self.factor_signed and not self.bipolar),
            "BIPOLAR": int(self.bipolar),
            "SUM_BITS": self.sum_bits,
            "TIME": 2 + self.cycles,
            "FORM": self.form,
            **({"CELL": self.cell, "CELL_BITS": self.cell_bits} if self.form == "table" else {}),
        }
