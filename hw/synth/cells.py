"""What the cells of a mapped netlist cost, by part family."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hw.kernels.kernel import Resources

# Resources of one cell: pattern of its type, and what it takes. ECP5: TRELLIS_COMBs, which are LUT4s; a CCU2C is two of
# them in carry mode, a TRELLIS_DPR16X4 takes four to store and two to write. PFUMX and L6MUX21 are in the slice anyway.
_ECP5 = (
    (r"LUT4", Resources(lut=1)),
    (r"CCU2C", Resources(lut=2)),
    (r"TRELLIS_DPR16X4", Resources(lut=6)),
    (r"TRELLIS_FF", Resources(ff=1)),
    (r"DP16KD|PDPW16KD", Resources(bram=1)),
    (r"MULT18X18D", Resources(dsp=1)),
)
# AMD: a LUT RAM or a shift register is counted as the LUTs that it occupies.
_AMD = (
    (r"LUT[1-6]|INV", Resources(lut=1)),
    (r"SRL16E?|SRLC16E|SRLC32E", Resources(lut=1)),
    (r"RAM(16|32|64)X1S", Resources(lut=1)),
    (r"RAM(16|32|64)X1D|RAM128X1S", Resources(lut=2)),
    (r"RAM128X1D|RAM32M|RAM64M|RAM256X1S", Resources(lut=4)),
    (r"RAM32M16|RAM64M8|RAM256X1D|RAM512X1S", Resources(lut=8)),
    (r"FD[RSCP]E(_1)?", Resources(ff=1)),
    (r"RAMB18E[12]", Resources(bram=1)),
    (r"RAMB36E[12]", Resources(bram=2)),
    (r"DSP48E[12]", Resources(dsp=1)),
    (r"URAM288(_BASE)?", Resources(uram=1)),
)


def resources(cells: Mapping[str, int], family: str) -> Resources:
    """Return what the cells take: LUTs, flip-flops, 18-kbit block RAMs, DSPs and ultra RAMs.

    Args:
        cells: number of cells by type.
        family: ``ecp5``, ``xc7`` or ``xcup``.
    """
    total = Resources()
    for kind, number in cells.items():
        for pattern, one in _ECP5 if family == "ecp5" else _AMD:
            if re.fullmatch(pattern, kind):
                total += Resources(*(amount * number for amount in vars(one).values()))
                break
    return total
