"""What a depthwise unit takes, counted part by part as its RTL is built; the constants are fitted to yosys 0.70."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hw.kernels.cost import counter
from hw.kernels.kernel import Resources
from hw.kernels.matrix_vector_unit.forms.adders import times
from hw.kernels.memory import cost
from hw.kernels.memory.memory import block_rams, ram_luts

if TYPE_CHECKING:
    from hw.kernels.depthwise_unit.kernel import DepthwiseUnit

REGISTERS = 4
"""Steps of a tap up to which registers hold the sums."""


def estimate(unit: DepthwiseUnit, family: str) -> Resources:
    """Return the resources of ``unit`` on a part family."""
    words = unit.taps * unit.steps
    product, sums = unit.product, unit.outputs[0].stream
    total = times(product.resources(), unit.lanes)
    total += cost.rom(words, unit.lanes * product.word_bits, unit.rom_form, family)
    total += cost.queue(unit.places, sums.word_bits, family)
    address = (words - 1).bit_length()
    inputs = unit.pe * unit.bits
    if family == "ecp5":
        total += Resources(lut=address + address // 2 + 10, ff=address + 3 * unit.pipeline + 4 + 2 * inputs)
    else:  # flags that travel are shift registers, and so are inputs where three registers stand in a row
        shifts = product.name == "booth"
        taken = product.name == "multiplier" and family == "xc7"  # by the DSP48E1
        total += Resources(
            lut=counter(words, family) + 8 + (inputs if shifts else 0),
            ff=address + unit.pipeline + 6 + (-inputs if shifts else 0 if taken else 2 * inputs),
        )
    if unit.multiple > 1:
        total += Resources(lut=unit.pe * unit.bits + 4, ff=2)
    if unit.taps == 1:
        return total
    adder = sums.bits + (sums.bits % 2 if family == "ecp5" else 0)
    total += Resources(lut=unit.lanes * adder)
    if unit.steps <= REGISTERS:
        return total + Resources(ff=unit.steps * sums.data_bits)
    folds = (unit.steps - 1).bit_length()
    total += Resources(lut=2 * folds, ff=3 * folds + sums.data_bits)
    if unit.line_form == "block":
        return total + Resources(bram=block_rams(unit.steps, sums.data_bits))
    return total + Resources(lut=ram_luts(unit.steps, sums.data_bits, family), ff=sums.data_bits)
