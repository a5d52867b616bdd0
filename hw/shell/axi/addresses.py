"""Where the processor finds DMAs and accelerator, and what memory the DMA reaches: the one place that has it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Addresses:
    """The address map of one family of boards.

    Attributes:
        dma: address of the DMA's registers.
        dma_weights: address of the registers of the weights' DMA, where there is one.
        accelerator: address of the accelerator's registers.
        range: bytes that each of them has.
        memory: bytes of memory, from address 0 on, that the DMA reaches.
    """

    dma: int
    dma_weights: int
    accelerator: int
    range: int
    memory: int


ADDRESSES = {
    "xcup": Addresses(0xA0000000, 0xA0020000, 0xA0010000, 0x10000, 0x80000000),
    "xc7": Addresses(0x40400000, 0x40410000, 0x43C00000, 0x10000, 0x20000000),
}
"""By the family of the board's part."""
