"""What the driver needs of a system with an AXI DMA: registers and buffers."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from codesign_board.dma import Mmio


class AxiBuffer(Protocol):
    """Memory that processor and DMA share, and that the processor may see through its cache.

    Attributes:
        array: uint8, as long as was asked for.
        device_address: where the DMA finds it.
    """

    array: np.ndarray
    device_address: int

    def flush(self, size: int) -> None:
        """Make the DMA see what was written to the first ``size`` bytes."""

    def invalidate(self, size: int) -> None:
        """Make the processor see what the DMA wrote to the first ``size`` bytes."""

    def free(self) -> None:
        """Give it back; ``array`` is not to be used after that."""


class AxiHost(Protocol):
    """A system with the accelerator and its DMA: what ``AxiPlace`` needs of it."""

    @property
    def dma(self) -> Mmio:
        """The DMA's registers, there after ``download``."""

    @property
    def weights(self) -> Mmio | None:
        """The registers of the weights' DMA, there after ``download`` where the package has weights to load."""

    @property
    def accelerator(self) -> Mmio:
        """The accelerator's registers, there after ``download``."""

    def download(self) -> None:
        """Configure the fabric with the package's bitfile.

        Raises:
            PlaceError: that is impossible.
        """

    def loaded(self) -> bool:
        """Return whether what was downloaded is still in the fabric."""

    def allocate(self, size: int) -> AxiBuffer:
        """Return a buffer of ``size`` bytes.

        Raises:
            MemoryError: there is no room for it.
        """

    def clock_mhz(self) -> float | None:
        """Return the accelerator's clock, read back, None where it cannot be."""

    def watts(self) -> dict[str, float]:
        """Return the power of each rail, empty where none is measured."""

    def close(self) -> None:
        """Give the device back."""
