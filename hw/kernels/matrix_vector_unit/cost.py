"""What a matrix-vector unit takes, counted part by part as its RTL is built; the constants are fitted to yosys 0.70."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hw.kernels.cost import counter
from hw.kernels.kernel import Resources
from hw.kernels.matrix_vector_unit.forms.adders import adder
from hw.kernels.memory.cost import loaded_memory
from hw.kernels.memory.memory import block_rams, ram_luts, rom_luts
from hw.kernels.sets import Turns

if TYPE_CHECKING:
    from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit


def estimate(unit: MatrixVectorUnit, family: str) -> Resources:
    """Return the resources of ``unit`` on a part family."""
    return _lanes(unit, family) + _memories(unit, family) + _control(unit, family) + _sets(unit, family)


def _lanes(unit: MatrixVectorUnit, family: str) -> Resources:
    """Multiplications, trees and accumulators."""
    product = unit.product
    total = product.resources()
    if unit.depth == 1 and product.name == "booth":  # constant weights
        total = Resources(total.lut // 2, total.ff // 2)
    inputs = unit.simd * unit.bits  # the vector's registers in front of the lanes
    if product.name == "booth":
        # AMD: three registers in a row, after a memory without one of its own, become a shift register in a LUT.
        shifts = family != "ecp5" and (unit.passes == 1 or unit.buffer_form == "lut")
        total += Resources(ff=-inputs if shifts else inputs)
    elif product.multiplier == "dsp" and family == "xc7":  # a DSP48E1 takes them
        total += Resources(ff=-inputs)
    bits = unit.outputs[0].stream.bits
    carry = product.carries
    if unit.words > 1 or carry:
        total += Resources(lut=unit.pe * adder(bits + carry, family))
    return total + Resources(ff=unit.pe * bits if unit.words > 1 else 0)


def _memories(unit: MatrixVectorUnit, family: str) -> Resources:
    """Weights, vector buffer and result queue."""
    depth, width = unit.depth, unit.product.word_bits
    inputs, outputs = unit.inputs[0].stream.data_bits, unit.outputs[0].stream.word_bits
    if unit.loaded:
        rows = unit.rows_of_memory
        weights = loaded_memory(rows, unit.stored, unit.streamed, unit.memory_form, family)
    elif unit.memory_form == "block":
        weights = Resources(ff=width, bram=block_rams(depth, width))
    else:
        different = _different(depth, width)
        weights = Resources(lut=rom_luts(depth, different, family), ff=2 * different)
    buffered = unit.buffer_words
    if not buffered:
        vector = Resources(ff=2 * inputs)
    elif unit.buffer_form == "block":
        vector = Resources(ff=inputs, bram=block_rams(buffered, inputs))
    else:
        vector = Resources(lut=ram_luts(buffered, inputs, family), ff=2 * inputs)
    queue = Resources(ff=outputs + 2)
    if unit.places > 1:
        queue += Resources(lut=ram_luts(unit.places, outputs, family) + 20, ff=12)
    return weights + vector + queue


def _different(words: int, bits: int) -> int:
    """Return how many of a ROM's bits are likely to differ: few words leave only so many, and equal ones are shared."""
    if words > 16:
        return bits
    possible = 1 << words
    return min(possible - 2, round(possible * (1 - (1 - 1 / possible) ** bits)))


def _sets(unit: MatrixVectorUnit, family: str) -> Resources:
    """What counts sets, beside the address."""
    if unit.sets == 1:
        return Resources()
    turns = Turns(unit.set_words, unit.stored, unit.vectors // unit.sets // unit.groups)
    return turns.resources(family).without(Resources(lut=counter(turns.depth, family)))


def _control(unit: MatrixVectorUnit, family: str) -> Resources:
    """Counters with their comparisons, handshakes and the flags that travel along the pipeline."""
    word, address = (unit.words - 1).bit_length(), (unit.set_words * unit.stored - 1).bit_length()
    counters = [address]
    if unit.passes > 1:
        counters.append(word)
    if unit.passes * unit.groups > 1 and unit.words & (unit.words - 1):
        counters.append(word)
    if unit.groups > 1:
        counters.append((unit.passes - 1).bit_length())
    if family != "ecp5":  # flags that travel are shift registers; counters are little more than their carry chains
        lut = sum(counter(1 << bits, family) + 2 for bits in counters) + (24 if unit.passes > 1 else 10)
        return Resources(lut=lut, ff=sum(counters) + unit.pipeline + (10 if unit.passes > 1 else 4))
    lut = sum(adder(bits, family) + bits // 2 for bits in counters) + (32 if unit.passes > 1 else 12)
    return Resources(lut=lut, ff=sum(counters) + 3 * unit.pipeline + (8 if unit.passes > 1 else 2))
