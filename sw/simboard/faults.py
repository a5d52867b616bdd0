"""What goes wrong on a board, on demand: each fault strikes at one occasion, and is over after the reset that cures it.

A fault is a class with a ``name``; what it does not override goes well.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from codesign_board.errors import PlaceError

from sw.simboard.options import refusal

MM2S, S2MM, WEIGHTS = "MM2S", "S2MM", "WEIGHTS"
"""The channels: the DMA's two, and the one of the weights' DMA."""
INTERNAL, SLAVE, DECODE = 1 << 4, 1 << 5, 1 << 6
"""Error bits of DMASR (AMD PG021)."""


class Fault:
    """Something that goes wrong.

    Attributes:
        name: what it is called by.
        struck: it has happened.
    """

    name: ClassVar[str]
    weights: ClassVar[bool] = False
    """It has an occasion only where weights are loaded."""

    def __init__(self, at: int = 1) -> None:
        """Let it happen at the ``at``-th occasion, counted from 1."""
        self._at, self._occasions, self.struck = at, 0, False

    def _occurs(self) -> bool:
        """Count an occasion; return whether it is the one."""
        self._occasions += 1
        self.struck |= self._occasions == self._at
        return self._occasions == self._at

    def transfer_error(self, channel: str) -> int:
        """Return the error bits that a transfer which begins on a channel of the DMA ends with."""
        return 0

    def stops(self, channel: str) -> bool:
        """Return whether a transfer that begins on this channel moves nothing, until the accelerator is reset."""
        return False

    def cut(self, channel: str, size: int) -> int:
        """Return the bytes after which TLAST comes in a transfer of ``size`` bytes that begins on this channel."""
        return size

    def register(self, name: str, value: int) -> int:
        """Return what a read of an accelerator's register gives."""
        return value

    def refuses_memory(self) -> bool:
        """Return whether an allocation finds no room."""
        return False

    def loses_flush(self) -> bool:
        """Return whether a flush does nothing."""
        return False

    def loses_invalidate(self) -> bool:
        """Return whether an invalidation does nothing."""
        return False

    def loses_dma_reset(self) -> bool:
        """Return whether the DMA hangs in the reset that was asked for."""
        return False

    def downloaded(self) -> None:
        """Take note of a bitstream that was loaded."""

    def accelerator_reset(self) -> None:
        """Take note of a reset of the accelerator by its register."""


class _TransferError(Fault):
    channel: ClassVar[str]
    bit: ClassVar[int]

    def transfer_error(self, channel: str) -> int:
        return self.bit if channel == self.channel and self._occurs() else 0


class DmaInternalError(_TransferError):
    """The DMA stops with DMAIntErr: the accelerator gave more than the buffer takes."""

    name, channel, bit = "dma_internal_error", S2MM, INTERNAL


class DmaSlaveError(_TransferError):
    """The DMA stops with DMASlvErr: memory refused a read."""

    name, channel, bit = "dma_slave_error", MM2S, SLAVE


class DmaDecodeError(_TransferError):
    """The DMA stops with DMADecErr: the buffer's address is none of memory."""

    name, channel, bit = "dma_decode_error", S2MM, DECODE


class _Stop(Fault):
    channel: ClassVar[str]
    _stopped = False

    def stops(self, channel: str) -> bool:
        if channel == self.channel:
            self._stopped |= self._occurs()
            return self._stopped
        return False

    def downloaded(self) -> None:
        self._stopped = False

    def accelerator_reset(self) -> None:
        self._stopped = False


class Hang(_Stop):
    """The accelerator gives nothing any more."""

    name, channel = "hang", S2MM


class InputHang(_Stop):
    """The accelerator takes nothing any more."""

    name, channel = "input_hang", MM2S


class ShortTransfer(Fault):
    """The accelerator ends an answer with TLAST halfway."""

    name = "short_transfer"

    def cut(self, channel: str, size: int) -> int:
        return size // 2 if channel == S2MM and self._occurs() else size


class WrongBitstream(Fault):
    """What was loaded is another build: the register BUILD says so, until a bitstream is loaded again."""

    name = "wrong_bitstream"
    _wrong = False

    def register(self, name: str, value: int) -> int:
        return value ^ 0x5A5A5A5A if self._wrong and name == "BUILD" else value

    def downloaded(self) -> None:
        self._wrong = self._occurs()


class Exhausted(Fault):
    """Nothing can be allocated any more, until the accelerator is reset."""

    name = "exhausted"
    _empty = False

    def refuses_memory(self) -> bool:
        self._empty |= self._occurs()
        return self._empty

    def accelerator_reset(self) -> None:
        self._empty = False


class Unflushed(Fault):
    """What the processor wrote stays in its cache once."""

    name = "unflushed"

    def loses_flush(self) -> bool:
        return self._occurs()


class Stale(Fault):
    """The processor sees what was in its cache, and not what the DMA wrote, once."""

    name = "stale"

    def loses_invalidate(self) -> bool:
        return self._occurs()


class WeightsSlaveError(_TransferError):
    """The weights' DMA stops with DMASlvErr: memory refused a read."""

    name, channel, bit, weights = "weights_slave_error", WEIGHTS, SLAVE, True


class WeightsHang(_Stop):
    """The accelerator takes no weights any more."""

    name, channel, weights = "weights_hang", WEIGHTS, True


class WeightsCut(Fault):
    """A transfer of weights ends with TLAST halfway."""

    name, weights = "weights_cut", True

    def cut(self, channel: str, size: int) -> int:
        return size // 16 * 8 if channel == WEIGHTS and self._occurs() else size


class DmaResetStuck(Fault):
    """The DMA does not come out of a reset, until a bitfile is loaded."""

    name = "dma_reset_stuck"

    def loses_dma_reset(self) -> bool:
        return self._occurs()


FAULTS: dict[str, type[Fault]] = {
    fault.name: fault
    for fault in (
        DmaInternalError,
        DmaSlaveError,
        DmaDecodeError,
        Hang,
        InputHang,
        ShortTransfer,
        WrongBitstream,
        Exhausted,
        Unflushed,
        Stale,
        WeightsSlaveError,
        WeightsHang,
        WeightsCut,
        DmaResetStuck,
    )
}


def fault(text: str) -> Fault:
    """Return the fault of a text: a name, or a name and the occasion that it strikes at, as ``hang:3``.

    Raises:
        PlaceError: there is none of that name, or the occasion is no positive number.
    """
    name, _, occasion = text.partition(":")
    if name not in FAULTS:
        raise PlaceError(f"There is no fault {name!r}: it must be one of {', '.join(FAULTS)}.")
    if occasion and not (occasion.isdecimal() and int(occasion)):
        raise PlaceError(f"The fault {text!r} must strike at a whole number from 1 on, as in {name}:2.")
    return FAULTS[name](int(occasion or 1))


def faults(given: str | Fault | Iterable[str | Fault] | None) -> list[Fault]:
    """Return faults, given by name (several with commas between) or as they are.

    Raises:
        PlaceError: what was given is something else, or there is no such fault.
    """
    if given is None:
        return []
    if isinstance(given, (str, Fault)):
        given = given.split(",") if isinstance(given, str) else [given]
    listed = list(given) if isinstance(given, Iterable) else [given]
    if not all(isinstance(item, (str, Fault)) for item in listed):
        raise refusal("faults", given, f"names of faults, with commas between: {', '.join(FAULTS)}")
    return [fault(item) if isinstance(item, str) else item for item in listed]
