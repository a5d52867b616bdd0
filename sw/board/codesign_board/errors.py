"""What a user of the driver sees when something is wrong: one sentence that says what it was and what to do."""

from __future__ import annotations

from collections.abc import Mapping


class BoardError(Exception):
    """Anything that goes wrong here.

    Attributes:
        text: what happened, without the state.
        state: registers of the DMA and the accelerator, or of the link, when it was noticed: {name: value}; empty where
            there are none.
    """

    def __init__(self, text: str, state: Mapping[str, int] | None = None) -> None:
        self.text = text
        self.state = dict(state or {})
        super().__init__(text)


class InputError(BoardError, ValueError):
    """Frames that the accelerator cannot take: wrong shape, type or values."""


class PackageError(BoardError):
    """A package that is damaged, incomplete, or for something else."""


class PlaceError(BoardError):
    """The place where the accelerator is to run is not there, or not what was asked for."""


class MemoryShortage(BoardError, MemoryError):
    """No buffer for even one frame."""


class TransferError(BoardError):
    """Frames did not come through; the state is part of the message."""

    def __str__(self) -> str:
        shown = ", ".join(f"{name} {value:#x}" for name, value in self.state.items())
        return f"{self.text} State: {shown}." if shown else self.text


class TransferTimeout(TransferError):
    """Nothing moved for too long."""


class Mismatch(BoardError):
    """Integers that differ from what they must be."""
