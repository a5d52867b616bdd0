"""Energy of a frame: a rough model that puts designs in an order, and nothing more.

IT IS NO MEASUREMENT AND NO ESTIMATE OF A BOARD'S POWER. It is fitted to no board and checked against none; its
microjoules can be wrong by a large factor. It says that fewer multiply-accumulates, fewer bits, and fewer reads of
memories take less, and about in which ratio. Left out: leakage and the clock tree (nothing that we could cite gives
them for a LUT or a block RAM), routing beyond the factor below, the board's shell, processor and DRAM. So it does not
know of the clock, nor of a design that waits.

Energies of an operation in 45 nm at 0.9 V: M. Horowitz, "Computing's energy problem (and what we can do about it)",
ISSCC 2014, figure 1.1.9. Scaled to other widths: a multiplier grows with the product of its operands' bits (8 bits
0.2 pJ, 32 bits 3.1 pJ: 3.1 and 3.0 fJ a bit of each), an adder with its bits (8 bits 0.03 pJ, 32 bits 0.1 pJ), a read
of a memory with the word's bits and the root of the memory's size (64 bits of 8 KB 10 pJ, of 32 KB 20 pJ, of 1 MB
100 pJ).

Logic of an FPGA takes about 14 times the dynamic energy of standard cells; hard blocks narrow the gap (I. Kuon and
J. Rose, "Measuring the gap between FPGAs and ASICs", IEEE TCAD 26(2), 2007). Here: 14 for what LUTs do, 1 for what is
inside a DSP or a memory.
"""

from __future__ import annotations

from math import sqrt

from hw.design.design import Design
from hw.kernels.depthwise_unit.kernel import DepthwiseUnit
from hw.kernels.kernel import Kernel
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit

MULTIPLY_PJ = 0.2 / 8**2
"""For each bit of one operand times each of the other."""
ADD_PJ = 0.1 / 32
"""For each bit."""
READ_PJ, READ_BITS = 10 / 64, 8 * 1024 * 8
"""For each bit of a memory of so many bits."""
BLOCK_BITS = 18 * 1024
"""A larger memory is many blocks of so many bits side by side, each of which gives its part of a word."""
LOGIC = 14.0
"""Times that logic of an FPGA takes more than standard cells."""


def frame_uj(design: Design) -> float:
    """Return the microjoules of a frame in this model."""
    return sum(map(kernel_pj, design.kernels.values())) * 1e-6


def kernel_pj(kernel: Kernel) -> float:
    """Return the picojoules that a kernel takes for a frame.

    The words that it gives are registered in logic, an adder's energy a bit; units multiply, add and read beside.
    """
    moved = sum(port.words * port.stream.data_bits for port in kernel.outputs) * ADD_PJ * LOGIC
    return moved + (_unit_pj(kernel) if isinstance(kernel, (MatrixVectorUnit, DepthwiseUnit)) else 0)


def _unit_pj(unit: MatrixVectorUnit | DepthwiseUnit) -> float:
    """Products, sums, the weights' reads and, of a vector that several passes read, the inputs'."""
    weight_bits, sum_bits = unit.product.operands.weight_bits, unit.outputs[0].stream.bits
    gap = LOGIC if unit.product.multiplier == "lut" else 1
    pj = unit.macs * (unit.bits * weight_bits * MULTIPLY_PJ + sum_bits * ADD_PJ) * gap
    if unit.depth > 1:  # else constants
        pj += unit.macs * weight_bits * read_pj(unit.depth * unit.lanes * weight_bits)
    if isinstance(unit, MatrixVectorUnit) and unit.passes > 1:
        reads = unit.vectors * unit.words * unit.passes * unit.simd * unit.bits
        pj += reads * read_pj(unit.buffer_words * unit.simd * unit.bits)
    return pj


def read_pj(bits: int) -> float:
    """Return the picojoules that reading a bit takes of a memory of so many bits."""
    return READ_PJ * sqrt(min(bits, BLOCK_BITS) / READ_BITS)
