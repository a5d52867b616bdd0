"""The processing system's clock registers, as they stand after boot: what PYNQ sets the fabric's clocks with.

Addresses and fields: AMD UG1085 and UG1087 (CRL_APB, CRF_APB of Zynq UltraScale+), UG585 (SLCR of Zynq-7000). A
register holds what was written; what that means for clock 0 of the fabric, ``fabric_mhz`` says.
"""

from __future__ import annotations

CRL_APB, CRF_APB, SLCR = 0xFF5E_0000, 0xFD1A_0000, 0xF800_0000
_RANGE = 0x1000
_DIV2 = 1 << 16
_PL_CLOCK = 1 << 24 | 1 << 16 | 15 << 8  # active, divided by 1 and by 15
_FCLK = 1 << 20 | 10 << 8  # divided by 1 and by 10


class Clocks:
    """The clock registers of one family of boards."""

    def __init__(self, family: str) -> None:
        """Make those of ``xcup`` (Zynq UltraScale+: 33.333 MHz in) or ``xc7`` (Zynq-7000: 50 MHz in)."""
        self._zynq7 = family == "xc7"
        if self._zynq7:
            plls = {SLCR + 0x100: 26 << 12, SLCR + 0x104: 21 << 12, SLCR + 0x108: 20 << 12, SLCR + 0x120: 2 << 8}
            self._registers = plls | {SLCR + 0x170 + 0x10 * i: _FCLK for i in range(4)}
        else:
            low = {CRL_APB + 0x20: 45 << 8, CRL_APB + 0x30: 90 << 8 | _DIV2}
            full = {0x20: 72 << 8 | _DIV2, 0x2C: 64 << 8 | _DIV2, 0x38: 90 << 8 | _DIV2, 0x60: 1 << 8}
            fabric = {CRL_APB + 0xC0 + 4 * i: _PL_CLOCK for i in range(4)}
            self._registers = low | {CRF_APB + offset: value for offset, value in full.items()} | fabric
        self._bases = (SLCR,) if self._zynq7 else (CRL_APB, CRF_APB)

    def holds(self, address: int) -> bool:
        """Return whether a register of theirs is at this address."""
        return any(base <= address < base + _RANGE for base in self._bases)

    def read(self, address: int) -> int:
        """Return a register."""
        return self._registers.get(address, 0)

    def write(self, address: int, value: int) -> None:
        """Write a register."""
        self._registers[address] = value

    @property
    def fabric_mhz(self) -> float:
        """What the registers make of the fabric's first clock, with the I/O PLL as its source."""
        if self._zynq7:
            control, pll = self.read(SLCR + 0x170), self.read(SLCR + 0x108)
            source, second = 50.0 * (pll >> 12 & 0x7F), control >> 20 & 0x3F
        else:
            control, pll = self.read(CRL_APB + 0xC0), self.read(CRL_APB + 0x20)
            source, second = 33.333 * (pll >> 8 & 0x7F) / (2 if pll & _DIV2 else 1), control >> 16 & 0x3F
        return source / (max(1, control >> 8 & 0x3F) * max(1, second))

    def divide(self, first: int, second: int) -> None:
        """Set the two dividers of the fabric's first clock."""
        address, low, high = (SLCR + 0x170, 8, 20) if self._zynq7 else (CRL_APB + 0xC0, 8, 16)
        kept = self.read(address) & ~(0x3F << low | 0x3F << high)
        self.write(address, kept | first << low | second << high)
