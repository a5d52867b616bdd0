"""AXI DMA in simple mode (AMD PG021): one transfer at a time each way, by eight registers, never waiting for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from codesign_board.errors import TransferError, TransferTimeout

LONGEST = 2**26 - 1
"""Bytes that one transfer can have: the build sets the DMA's length register to 26 bits."""
REACH = 2**32
"""Addresses that the DMA can have, of 32 bits."""

MM2S, S2MM = "MM2S", "S2MM"
"""The two channels: from memory to the accelerator, and from the accelerator to memory."""
_BASE = {MM2S: 0x00, S2MM: 0x30}
CONTROL, STATUS, ADDRESS, ADDRESS_HIGH, LENGTH = 0x00, 0x04, 0x18, 0x1C, 0x28
"""Offsets in a channel: DMACR, DMASR, SA or DA, its upper half, LENGTH, whose write starts the transfer."""
RUN, RESET = 1 << 0, 1 << 2
"""Bits of DMACR."""
HALTED, IDLE = 1 << 0, 1 << 1
"""Bits of DMASR."""
ERRORS = {
    1 << 4: "an internal error (DMAIntErr): the length was 0, or the accelerator gave more than the buffer was to take",
    1 << 5: "a slave error (DMASlvErr): memory refused an access",
    1 << 6: "a decode error (DMADecErr): the buffer's address is not one of memory",
}
"""Bits of DMASR, and what they say."""
_NAMES = {
    channel: {
        f"{channel}_{name}": _BASE[channel] + offset
        for name, offset in (
            ("DMACR", CONTROL),
            ("DMASR", STATUS),
            (address, ADDRESS),
            (f"{address}_MSB", ADDRESS_HIGH),
            ("LENGTH", LENGTH),
        )
    }
    for channel, address in ((MM2S, "SA"), (S2MM, "DA"))
}


class Mmio(Protocol):
    """Registers of 32 bits at byte offsets, as ``pynq.MMIO`` has them."""

    def read(self, offset: int) -> int:
        """Return the register's value."""

    def write(self, offset: int, value: int) -> None:
        """Write the register."""


class Watch(Protocol):
    """Says when waiting has become hanging, and as text how long that is; see ``codesign_board.patience``."""

    def hangs(self) -> bool:
        """Return whether nothing has moved for too long."""


class AxiDma:
    """An AXI DMA in simple mode without interrupts.

    Args:
        mmio: its registers.
        seconds: how long it may take to start or to be reset.
        now: a clock in seconds.
        channels: those that it has.
        name: what it is called in errors.
    """

    def __init__(
        self,
        mmio: Mmio,
        seconds: float = 1.0,
        now: Callable[[], float] = time.monotonic,
        channels: Sequence[str] = (MM2S, S2MM),
        name: str = "DMA",
    ) -> None:
        self._channels, self._name = channels, name
        self._mmio = mmio
        self._seconds = seconds
        self._now = now
        self._runs = False

    def start(self, source: int, sent: int, target: int, received: int) -> None:
        """Begin to move ``sent`` bytes from address ``source`` out, and ``received`` bytes in to ``target``.

        Raises:
            TransferError: a channel reports an error.
            TransferTimeout: a channel stays halted.
        """
        self._run()
        self._move(S2MM, target, received)
        self._move(MM2S, source, sent)

    def send(self, source: int, size: int) -> None:
        """Begin to move ``size`` bytes from address ``source`` out; nothing comes in.

        Raises:
            TransferError, TransferTimeout: see ``start``.
        """
        self._run()
        self._move(MM2S, source, size)

    def sent(self) -> bool:
        """Return whether what was to go out has gone out.

        Raises:
            TransferError: the channel reports an error, or was halted.
        """
        return self._done(MM2S)

    def wait(self, size: int, watch: Watch, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Return when both channels are done and ``size`` bytes were received.

        Args:
            size: bytes.
            watch: says when waiting has become hanging.
            meanwhile: called again and again.

        Raises:
            TransferError: a channel reports an error, was halted, or fewer bytes came.
            TransferTimeout: nothing has moved for too long.
        """
        sent = False
        while True:
            meanwhile()
            hangs = watch.hangs()  # before the last look at the channels, in case this process was held up
            received = self._done(S2MM)
            sent = sent or self._done(MM2S)
            if received:
                got = self._mmio.read(_BASE[S2MM] + LENGTH)
                if got != size:
                    raise TransferError(
                        f"The transfer was short: {got} of {size} bytes came back from the accelerator.", self.state()
                    )
                if sent:
                    return
            if hangs:
                which = "The accelerator does not take its input" if not sent else "The accelerator gives no output"
                raise TransferTimeout(f"{which}: nothing has moved for too long ({watch}).", self.state())
            time.sleep(0)  # others may run

    def reset(self) -> None:
        """Stop both channels and bring the DMA to where it was after loading, whatever state it is in.

        Raises:
            TransferTimeout: the DMA does not answer.
        """
        self._runs = False
        bases = [_BASE[channel] for channel in self._channels]
        for base in bases:
            self._mmio.write(base + CONTROL, RESET)
        self._until(
            lambda: not any(self._mmio.read(base + CONTROL) & RESET for base in bases),
            f"The {self._name} does not come out of its reset",
        )

    def state(self) -> dict[str, int]:
        """Return its registers by the names of PG021."""
        names = (named for channel in self._channels for named in _NAMES[channel].items())
        return {name: self._mmio.read(offset) for name, offset in names}

    def _run(self) -> None:
        """Start the channels, unless that was done."""
        if self._runs:
            return
        for channel in self._channels:
            self._mmio.write(_BASE[channel] + CONTROL, RUN)
            what = f"The {self._name}'s channel {channel} does not start and stays halted"
            self._until(partial(self._started, channel), what)
        self._runs = True

    def _move(self, channel: str, address: int, size: int) -> None:
        base = _BASE[channel]
        self._mmio.write(base + ADDRESS, address % 2**32)
        self._mmio.write(base + ADDRESS_HIGH, address >> 32)
        self._mmio.write(base + LENGTH, size)

    def _status(self, channel: str) -> int:
        """Return DMASR, unless it reports an error."""
        status = self._mmio.read(_BASE[channel] + STATUS)
        for bit, meaning in ERRORS.items():
            if status & bit:
                raise TransferError(f"The {self._name}'s channel {channel} reports {meaning}.", self.state())
        return status

    def _started(self, channel: str) -> bool:
        return not self._status(channel) & HALTED

    def _done(self, channel: str) -> bool:
        status = self._status(channel)
        if status & HALTED:
            raise TransferError(f"The {self._name}'s channel {channel} was halted during a transfer.", self.state())
        return bool(status & IDLE)

    def _until(self, done: Callable[[], bool], otherwise: str) -> None:
        deadline = self._now() + self._seconds
        while not done():
            if self._now() > deadline:
                raise TransferTimeout(f"{otherwise} for {self._seconds:g} s.", self.state())
