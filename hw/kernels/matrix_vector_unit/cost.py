"""What a matrix-vector unit takes, counted part by part as its RTL is built; the constants are fitted to yosys 0.70."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hw.kernels.kernel import Resources
from hw.kernels.memory.memory import block_rams, ram_luts, rom_luts

if TYPE_CHECKING:
    from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit


def estimate(unit: MatrixVectorUnit, family: str) -> Resources:
    """Return the resources of ``unit`` on a part family."""
    return _lanes(unit, family) + _memories(unit, family) + _control(unit, family)


def _adder(bits: int, family: str) -> int:
    """LUTs of an adder: carry cells come in pairs on ECP5."""
    return bits + bits % 2 if family == "ecp5" else bits


def _lanes(unit: MatrixVectorUnit, family: str) -> Resources:
    """Multiplications, trees and accumulators."""
    lanes, soft = unit.pe * unit.simd, unit.form == "lut"
    weight_bits, weight_signed = unit.weight_format
    product = unit.bits + weight_bits + (not unit.signed and not weight_signed)
    absorbs = not soft and family == "xc7"  # yosys moves operands' registers and the tree's first level into a DSP48E1
    lut = ff = dsp = 0
    levels = (unit.simd - 1).bit_length()
    if soft:
        digits = unit.digits
        part = unit.bits + 1
        lut = lanes * (digits * part + (digits - 1) * (2 + _adder(part + 2, family)))
        ff = lanes * (digits * (part + 3) + digits - 1 + (max(0, digits - 2) * (product + digits * part // 2)))
        # AMD: three registers in a row, after a memory without one of its own, become a shift register in a LUT.
        shifts = family != "ecp5" and (unit.passes == 1 or unit.buffer_form == "lut")
        ff += -unit.simd * unit.bits if shifts else unit.simd * unit.bits
        if unit.words * unit.passes == 1:  # constant weights
            lut, ff = lut // 2, ff // 2
    elif absorbs:
        dsp, ff = lanes, -lanes * weight_bits - unit.simd * unit.bits
    else:
        dsp, ff = lanes, lanes * product
    nodes = unit.simd
    for level in range(1, levels + 1):
        adders, nodes = nodes // 2, (nodes + 1) // 2
        if absorbs and level == 1:
            continue
        lut += unit.pe * adders * _adder(product + level + soft, family)
        if not soft or level == levels or (level + (unit.digits > 1)) % 2 == 0:
            ff += unit.pe * nodes * (product + level + soft)
    bits = unit.outputs[0].stream.bits
    if unit.words > 1 or soft:
        lut += unit.pe * _adder(bits + soft, family)
    return Resources(lut=lut, ff=ff + (unit.pe * bits if unit.words > 1 else 0), dsp=dsp)


def _memories(unit: MatrixVectorUnit, family: str) -> Resources:
    """Weights, vector buffer and result queue."""
    depth, width = unit.words * unit.passes, unit.pe * unit.simd * unit.weight_format[0]
    inputs, outputs = unit.inputs[0].stream.data_bits, unit.outputs[0].stream.word_bits
    if unit.rom_form == "block":
        weights = Resources(ff=width, bram=block_rams(depth, width))
    else:
        weights = Resources(lut=rom_luts(depth, width, family), ff=2 * min(width, (1 << depth) - 2))
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


def _control(unit: MatrixVectorUnit, family: str) -> Resources:
    """Counters with their comparisons, handshakes and the flags that travel along the pipeline."""
    word, address = (unit.words - 1).bit_length(), (unit.words * unit.passes - 1).bit_length()
    counters = [address]
    if unit.passes > 1:
        counters.append(word)
        if unit.words & (unit.words - 1):
            counters.append(word)
    lut = sum(_adder(bits, family) + bits // 2 for bits in counters) + (32 if unit.passes > 1 else 12)
    return Resources(lut=lut, ff=sum(counters) + 3 * unit.pipeline + (8 if unit.passes > 1 else 2))
