"""Where an accelerator runs, as the driver sees it: packed frames in, packed frames out, registers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from codesign_board.errors import PlaceError
from codesign_board.package import Package

OTHERS = {
    "MAGIC": "no accelerator of ours",
    "VERSION": "an accelerator with another register map",
    "BUILD": "an accelerator of another build",
}
"""What it means that a register is not what the package says."""


class Place(ABC):
    """One place, holding one accelerator that is loaded and proven to be the package's.

    It has two slots, each with a buffer for packed input and one for packed output. Work on one slot may be under way
    while the other slot's buffers are filled or read, and one at a time: ``start(0)``, fill ``input(1)``,
    ``finish(0)``, ``start(1)``, read what ``finish(0)`` returned, and so on.

    Attributes:
        package: what runs.
        name: ``pynq``, ``sim``, ``serial``…
        where: for people: the board, the device file.
    """

    name: str
    where: str

    def __init__(self, package: Package) -> None:
        self.package = package

    @abstractmethod
    def reserve(self, frames: int) -> int:
        """Make room for ``frames`` frames a slot, or for as many as there is memory for; return how many.

        Raises:
            MemoryShortage: there is not even room for one.
        """

    @abstractmethod
    def input(self, slot: int, frames: int) -> np.ndarray:
        """Return the slot's input buffer, uint8 [frames * package.input.frame_bytes], to be filled."""

    @abstractmethod
    def start(self, slot: int, frames: int) -> None:
        """Begin to run what ``input`` was filled with."""

    @abstractmethod
    def finish(self, slot: int) -> np.ndarray:
        """Wait until it is done; return the output, uint8 [frames * package.output.frame_bytes].

        What is returned stays as it is until this slot is started again.

        Raises:
            TransferError: it went wrong, with the state of the DMA or the link; nothing goes through until ``reset``.
            TransferTimeout: nothing moved for too long.
        """

    @abstractmethod
    def reset(self) -> None:
        """Bring accelerator, DMA and link to where they were after loading, whatever state they are in."""

    @abstractmethod
    def read(self, register: str) -> int:
        """Return the value of the accelerator's register of that name."""

    @abstractmethod
    def write(self, register: str, value: int) -> None:
        """Write the accelerator's register of that name."""

    def prove(self, advice: str) -> None:
        """Check that what answers is the package's accelerator, before anything else is asked of it.

        Args:
            advice: what to do where it is not, as a sentence.

        Raises:
            PlaceError: it is something else.
        """
        expected = self.package.registers
        wanted = {"MAGIC": expected.magic, "VERSION": expected.version, "BUILD": self.package.build % 2**32}
        for register, value in wanted.items():
            found = self.read(register)
            if found != value:
                raise PlaceError(
                    f"{self.where} holds {OTHERS[register]}: register {register} is {found:#010x}, and the package's "
                    f"is {value:#010x}. {advice}",
                    {} if register == "MAGIC" else self.state(),  # other designs may not answer elsewhere
                )

    def clock_mhz(self) -> float | None:
        """Return the accelerator's clock as it is read back from the board, None where it cannot be."""
        return None

    def watts(self) -> dict[str, float]:
        """Return the power of each rail that the board measures, empty where it has none."""
        return {}

    def close(self) -> None:
        """Give buffers and device back; a place that holds neither need not say so."""
        return None

    def state(self) -> dict[str, Any]:
        """Return what is known when something hangs: registers by name."""
        return {}
