"""How weights are stored and multiplied: chosen from the weights' values, the input's bits and the part family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from codesign.graph import bits_for
from hw.kernels.kernel import Memory, Resources

SOFT_BITS = 4
"""Products of operands of at most so many bits are built of LUTs in synthesis, also where a DSP is asked for."""
AMD_PRODUCT_BITS = 9
"""The narrowest product for which yosys takes a DSP48."""


@dataclass(frozen=True)
class Product:
    """The dot product of ``simd`` inputs and weights, as ``dot_product.sv`` builds it.

    Attributes:
        form: ``lut`` (Booth's recoding in logic) or ``dsp``.
        bits, signed: of an input.
        weight_bits, weight_signed: of a weight.
        simd: inputs and weights a cycle.
    """

    form: str
    bits: int
    signed: bool
    weight_bits: int
    weight_signed: bool
    simd: int

    rtl: ClassVar[tuple[str, ...]] = ("dot_product", "booth_lane", "adder_tree")

    @classmethod
    def of(cls, weights: np.ndarray, bits: int, signed: bool, simd: int, wish: str, family: str) -> Product:
        """Return the form for these weights; ``wish`` is ``lut``, or ``dsp`` where synthesis takes one."""
        weight_bits, weight_signed = bits_for(int(weights.min()), int(weights.max()))
        operands = bits + (not signed), weight_bits + (not weight_signed)
        product = bits + weight_bits + (not signed and not weight_signed)
        small = max(operands) <= SOFT_BITS or (family != "ecp5" and product < AMD_PRODUCT_BITS)
        return cls("lut" if small else wish, bits, signed, weight_bits, weight_signed, simd)

    @property
    def digits(self) -> int:
        """Digits of a weight in base 4."""
        return (self.weight_bits + (not self.weight_signed) + 1) // 2

    @property
    def product_bits(self) -> int:
        """Bits of a product: one more where neither operand is signed, because the sums are."""
        return self.bits + self.weight_bits + (not self.signed and not self.weight_signed)

    @property
    def cycles(self) -> int:
        """Cycles from the operands to their sum."""
        levels = (self.simd - 1).bit_length()
        if self.form == "dsp":
            return 1 + levels
        tree = (levels + 1) // 2 if self.digits == 1 else levels // 2 + 1 if levels else 0
        return max(2, self.digits) + tree

    def resources(self, family: str, constant: bool = False) -> Resources:
        """Return what one dot product takes.

        Args:
            family: part family.
            constant: the weights never change.
        """
        soft = self.form == "lut"
        absorbs = not soft and family == "xc7"  # yosys moves operands' registers and the first level into a DSP48E1
        lut = ff = dsp = 0
        if soft:
            part = self.bits + 1
            lut = self.simd * (self.digits * part + (self.digits - 1) * (2 + adder(part + 2, family)))
            late = max(0, self.digits - 2) * (self.product_bits + self.digits * part // 2)
            ff = self.simd * (self.digits * (part + 3) + self.digits - 1 + late)
            if constant:
                lut, ff = lut // 2, ff // 2
        elif absorbs:
            dsp, ff = self.simd, -self.simd * self.weight_bits
        else:
            dsp, ff = self.simd, self.simd * self.product_bits
        nodes, levels = self.simd, (self.simd - 1).bit_length()
        for level in range(1, levels + 1):
            adders, nodes = nodes // 2, (nodes + 1) // 2
            if absorbs and level == 1:
                continue
            lut += adders * adder(self.product_bits + level + soft, family)
            if not soft or level == levels or (level + (self.digits > 1)) % 2 == 0:
                ff += nodes * (self.product_bits + level + soft)
        return Resources(lut=lut, ff=ff, dsp=dsp)

    def memory(self, words: np.ndarray) -> Memory:
        """Return the contents for weights int64 [words, weights a word], the first in the lowest bits."""
        bits = self.weight_bits
        fields = (words & ((1 << bits) - 1)).tolist()
        packed = tuple(sum(w << (bits * i) for i, w in enumerate(word)) for word in fields)
        return Memory(packed, bits * words.shape[1])

    def verilog_parameters(self) -> dict[str, int | str]:
        return {
            "X_BITS": self.bits,
            "X_SIGNED": int(self.signed),
            "W_BITS": self.weight_bits,
            "W_SIGNED": int(self.weight_signed),
            "FORM": self.form,
        }


def adder(bits: int, family: str) -> int:
    """Return the LUTs of an adder: carry cells come in pairs on ECP5."""
    return bits + bits % 2 if family == "ecp5" else bits
