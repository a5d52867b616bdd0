"""AXI DMA in simple mode as software sees it (AMD PG021, register space and programming sequence).

What PG021 leaves undefined is an error here: an address that is not aligned, with no realignment engine in the DMA,
ends in DMAIntErr. Errors of an address show when the transfer begins, and not with the first beat.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from hw.shell.axi.simulated_board import SimulatedBoard, SimulationError
from sw.simboard.faults import DECODE, INTERNAL, MM2S, S2MM, WEIGHTS, Fault
from sw.simboard.memory import Incoherent, Memory

CONTROL, STATUS, ADDRESS, ADDRESS_HIGH, LENGTH = 0x00, 0x04, 0x18, 0x1C, 0x28
"""Offsets in a channel; S2MM's channel begins at 0x30."""
SECOND = 0x30
RUN, RESET = 1 << 0, 1 << 2
"""Bits of DMACR."""
HALTED, IDLE, COMPLETE, FAILED = 1 << 0, 1 << 1, 1 << 12, 1 << 14
"""Bits of DMASR; the last two are interrupts, cleared by writing them as 1."""
INTERRUPTS = 0x7000
CONTROL_RESET = 0x0001_0002
LENGTH_BITS = 26
"""As the block design sets c_sg_length_width."""
WEIGHT_BYTES = 8
"""A beat of the weights' stream."""
BUS_CYCLES = 16
"""What a write takes from the processor to the DMA, at the least: a reset of the accelerator was before it."""


@dataclass
class _Channel:
    name: str
    align: int
    control: int = CONTROL_RESET
    status: int = HALTED
    address: int = 0
    length: int = 0
    moving: bool = False  # a transfer is under way
    given: bool = False  # the accelerator takes part in it
    cut: bool = False  # it ends where its room does, as if TLAST came there
    known: bool = True  # software has read that it is done

    def fail(self, error: int) -> None:
        """Stop with an error: the channel halts, and only a reset helps."""
        self.status = (self.status & ~IDLE) | error | FAILED | HALTED
        self.control &= ~RUN
        self.moving = self.given = False

    def complete(self) -> None:
        """End a transfer; where the channel was told to stop meanwhile, it now halts."""
        self.status |= COMPLETE | (IDLE if self.control & RUN else HALTED)
        self.moving = self.given = False


NONE = -1
"""A register's offset that no channel has."""


class AxiDma:
    """A DMA between a memory and a simulated accelerator; reading a status lets some cycles pass."""

    def __init__(
        self,
        board: SimulatedBoard,
        memory: Memory,
        faults: Sequence[Fault] = (),
        step: int = 20_000,
        patience: float = 120.0,
        weights: bool = False,
    ) -> None:
        """Make one in its reset state.

        Args:
            board: the accelerator.
            memory: what addresses mean.
            faults: what goes wrong.
            step: cycles that the accelerator runs, at most, when DMASR is read.
            patience: seconds without a beat after which reading DMASR is an error, for software that waits for ever.
            weights: it is the one that brings weights: it has one channel, and waits as long as no frame needs any.
        """  # fmt: skip
        self._board, self._memory, self._faults = board, memory, faults
        self._weights = weights
        self._step, self._patience, self._moved = step, math.inf if weights else patience, 0.0
        self._stuck = False
        self._begin()

    def _begin(self) -> None:
        beats = [(WEIGHTS, WEIGHT_BYTES)] if self._weights else zip((MM2S, S2MM), self._board.beat_bytes, strict=True)
        self._channels = [_Channel(name, max(4, beat)) for name, beat in beats]

    def read(self, offset: int) -> int:
        """Return a register."""
        channel, register = self._find(offset)
        if register == STATUS:
            self._advance()
            channel.known = not channel.moving
        values = {
            CONTROL: channel.control | (RESET if self._stuck else 0),
            STATUS: channel.status,
            ADDRESS: channel.address % 2**32,
            ADDRESS_HIGH: channel.address >> 32,
            LENGTH: channel.length,
        }
        return values.get(register, 0)

    def write(self, offset: int, value: int) -> None:
        """Write a register."""
        self._board.run(BUS_CYCLES, idle=True)
        channel, register = self._find(offset)
        if self._stuck:
            return
        if register == CONTROL and value & RESET:
            self._reset()
        elif register == CONTROL:
            self._control(channel, value)
        elif register == STATUS:
            channel.status &= ~(value & INTERRUPTS)
        elif register == ADDRESS:
            channel.address = channel.address >> 32 << 32 | value
        elif register == ADDRESS_HIGH:
            channel.address = channel.address % 2**32 | value << 32
        elif register == LENGTH:
            self._start(channel, value % 2**LENGTH_BITS)

    def check_coherent(self) -> None:
        """Check that what came was invalidated before software that knows of it did anything else; told once.

        Raises:
            Incoherent: it was not, so that whoever read it read the cache.
        """
        if self._weights:  # it writes nothing, and does not know what the other has done
            return
        unseen = self._memory.unseen() if all(channel.known for channel in self._channels) else None
        if unseen is not None:
            raise Incoherent(
                f"The DMA wrote {unseen[1]} bytes at {unseen[0]:#x}, and they were not invalidated: invalidate the "
                "buffer before it is read.",
                self.state(),
            )

    def state(self) -> dict[str, int]:
        """Return the registers of both channels."""
        return {
            f"{channel.name}_{name}": value
            for channel in self._channels
            for name, value in (
                ("DMACR", channel.control), ("DMASR", channel.status), ("LENGTH", channel.length)
            )
        }  # fmt: skip

    def _find(self, offset: int) -> tuple[_Channel, int]:
        if offset < SECOND:
            return self._channels[0], offset
        return self._channels[-1], NONE if self._weights else offset - SECOND

    def _reset(self) -> None:
        """Either channel's reset is the whole DMA's; the accelerator keeps what it has."""
        self._board.stop(self._weights)
        self._begin()
        self._stuck = sum(fault.loses_dma_reset() for fault in self._faults) > 0

    def _control(self, channel: _Channel, value: int) -> None:
        channel.control = value & ~RESET
        if value & RUN:
            channel.status &= ~HALTED
        elif not channel.moving:  # a transfer under way is completed first
            channel.status = (channel.status & ~IDLE) | HALTED

    def _start(self, channel: _Channel, length: int) -> None:
        """Begin a transfer; a length of 0 begins none, nor does any while the channel is halted or busy."""
        if not length or channel.status & HALTED or channel.moving:
            return
        self.check_coherent()
        dirty = self._memory.unflushed(channel.address, length) if channel.name != S2MM else 0
        if dirty:
            raise Incoherent(
                f"The DMA is to read {length} bytes at {channel.address:#x}, and {dirty} of them were written but not "
                "flushed: flush the buffer before the transfer.",
                self.state(),
            )
        channel.length, channel.moving, channel.known = length, True, False
        channel.status &= ~IDLE
        self._moved = time.monotonic()
        error = max([fault.transfer_error(channel.name) for fault in self._faults], default=0)
        room = self._memory.at(channel.address, length)
        if error or room is None or channel.address % channel.align:
            channel.fail(error or (DECODE if room is None else INTERNAL))
            return
        if sum(fault.stops(channel.name) for fault in self._faults):
            return
        size = min([fault.cut(channel.name, length) for fault in self._faults], default=length)
        channel.given, channel.cut = True, size < length
        begin = {MM2S: self._board.send, S2MM: self._board.receive, WEIGHTS: self._board.load}
        begin[channel.name](room[:size])

    def _advance(self) -> None:
        """Let the accelerator run on, and end the transfers that it completes."""
        if not any(channel.moving for channel in self._channels):
            return
        before = self._board.counters
        stopped = any(channel.moving and not channel.given for channel in self._channels)
        self._board.run(self._step, idle=stopped)
        now = self._board.counters
        if now.broken:
            raise SimulationError("The accelerator took back a beat that it had shown, against AXI4-Stream's rules.")
        if (before.sent, before.received) != (now.sent, now.received):
            self._moved = time.monotonic()
        elif time.monotonic() - self._moved > self._patience:
            raise SimulationError(
                f"The simulated DMA waits for the accelerator for {self._patience:g} s, and nothing moves: "
                "on a board this would go on for ever."
            )
        under_way = {MM2S: now.sending, S2MM: now.receiving, WEIGHTS: now.loading}
        for channel in self._channels:
            if not channel.given or under_way[channel.name]:
                continue
            if channel.name != S2MM:
                channel.complete()
            elif now.ended or channel.cut:
                if now.received == channel.length:  # a shorter answer is a mistake, and not read
                    self._memory.written(channel.address, now.received)
                channel.length = now.received
                channel.complete()
            else:
                channel.fail(INTERNAL)  # there is more than the buffer takes
