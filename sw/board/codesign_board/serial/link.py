"""The host's side of the serial link: registers, and frames that arrive whole and in order, or not without a word.

Python 3.10 and the standard library, nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from codesign_board.errors import TransferTimeout
from codesign_board.patience import Patience
from codesign_board.serial.protocol import READ, RECEIVE, SEND, WRITE, Decoder, Packet, encode
from codesign_board.serial.sequence import Receiving, Sending


class Transport(Protocol):
    """A line of bytes to the board and back."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def read(self) -> bytes:
        """Return what came; where nothing did, after waiting a moment for it."""

    def close(self) -> None:
        """Give the line back."""


class Link:
    """Requests and answers over a transport, with repetition where something got lost.

    A frame goes out in packets that are numbered; an answer names the next number that the other end waits for and the
    room that it has. What comes back is asked for, packet by packet. Frames in both directions and registers go over
    the line at once.

    Attributes:
        repeats: requests that had to be repeated so far.
        answering: whether the last register that was asked for was given.
        moved: data packets that got through so far, both ways.
    """

    def __init__(
        self,
        transport: Transport,
        timeout: float = 0.2,
        attempts: int = 10,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take a transport.

        Args:
            transport: the line.
            timeout: seconds by ``clock`` until a request is repeated: the first; then, by what answers take, from a
                quarter of it on.
            attempts: a request without any answer is given up after so many times ``timeout``.
            clock: seconds.
        """
        self._transport, self._clock = transport, clock
        self._patience = attempts * timeout
        self._decoder, self._pace = Decoder(), _Pace(timeout)
        self._wanted, self._answers = Packet(0, 0), list[bytes]()
        self.repeats, self.moved, self.answering = 0, 0, True
        self.restart()

    def read_register(self, index: int) -> int:
        """Return a register's value.

        Raises:
            TransferTimeout: no answer.
        """
        return int.from_bytes(self._ask(Packet(READ, index), Packet(READ, index, bytes(4))), "little")

    def write_register(self, index: int, value: int) -> None:
        """Write a register's lowest byte.

        Raises:
            TransferTimeout: no answer.
        """
        self._ask(Packet(WRITE, index, bytes([value])), Packet(WRITE, 0))

    def restart(self) -> None:
        """Forget all frames and count data packets anew: for use after the other end's reset."""
        self._sending, self._receiving = Sending(), Receiving()

    def exchange(self, frames: Sequence[bytes], expected: int, patience: Patience | None = None) -> list[bytes]:
        """Send frames and return the next ``expected`` frames that come back.

        Both go on at once. Every frame has at least one word.

        Args:
            frames: the bytes of each frame's words.
            expected: number of frames to wait for.
            patience: says when to give up; it may ask this link for registers.

        Raises:
            TransferTimeout: nothing moves any more.
        """
        self.begin(frames)
        return self.finish(expected, patience)

    def begin(self, frames: Sequence[bytes]) -> None:
        """Send as much of the frames as may be on its way, and leave the rest to ``finish``."""
        self._sending.add(frames)
        self._write(list(self._sending.packets(self._clock())))

    def finish(self, expected: int, patience: Patience | None = None) -> list[bytes]:
        """Send the rest and return the next ``expected`` frames; see ``exchange``."""
        frames = self._receiving.frames
        patience = patience or Patience(self._patience, 0, lambda: (self.moved,), lambda: 0, self._clock)
        while self._sending.left or len(frames) < expected:
            now, limit = self._clock(), self._pace.limit
            late = self._sending.overdue(now - limit) + self._receiving.overdue(now - limit)
            if late:
                self.repeats += late
                self._pace.repeated()
            asks = [*self._sending.packets(now)]
            asks += self._receiving.request(now) if len(frames) < expected else []
            self._write(asks)
            self._hear()
            if patience.hangs():
                raise TransferTimeout(
                    f"Nothing moves any more on the serial line: {len(frames)} of {expected} frames came back.",
                    self.state(),
                )
        self._receiving.frames = frames[expected:]
        return frames[:expected]

    def state(self) -> dict[str, int]:
        """Return how many packets are without an answer and left to send, the next numbers, and what was lost."""
        return {
            "unanswered": len(self._sending.flying), "unsent": len(self._sending.waiting),
            "next_send": self._sending.first, "next_receive": self._receiving.turn,
            "repeats": self.repeats, "damaged": self._decoder.damaged,
        }  # fmt: skip

    def _write(self, packets: Sequence[Packet]) -> None:
        if packets:
            self._transport.write(b"".join(map(encode, packets)))

    def _hear(self) -> None:
        """Take what came and hand it to whom it is for."""
        for packet in self._decoder.feed(self._transport.read()):
            now = self._clock()
            if packet.command == SEND:
                after, moved = self._sending.heard(packet, now)
            elif packet.command == RECEIVE:
                after, moved = self._receiving.heard(packet, now)
            else:
                after, moved = None, False
                if _alike(packet, self._wanted):
                    self._answers.append(packet.payload)
            self.moved += moved
            if after is not None:
                self._pace.answered(after)

    def _ask(self, request: Packet, like: Packet) -> bytes:
        """Return the payload of the answer to a READ or WRITE, which is like ``like``; asking twice does no harm."""
        self._wanted, self._answers = like, []
        asked, until = 0, self._clock() + self._patience
        while not asked or self._clock() < until:
            self._write([request])
            asked += 1
            if self._answered(1):
                self._answered(asked)  # a late one is not taken for the next request's
                self.repeats, self.answering = self.repeats + asked - 1, True
                return self._answers[-1]
        self.answering = False
        raise TransferTimeout(
            "Nothing answers on the serial line: check that it is the right port, that the board has power, and that "
            "the bitstream is loaded.",
            self.state(),
        )

    def _answered(self, count: int) -> bool:
        """Return whether so many answers came in time."""
        until = self._clock() + self._pace.limit
        while len(self._answers) < count and self._clock() < until:
            self._hear()
        return len(self._answers) >= count


def _alike(one: Packet, other: Packet) -> bool:
    return (one.command, one.argument, len(one.payload)) == (other.command, other.argument, len(other.payload))


class _Pace:
    """How long to wait for an answer: what is normal on this line, and longer after each repetition."""

    def __init__(self, first: float) -> None:
        self._first, self._usual, self._factor = first, 0.0, 1

    @property
    def limit(self) -> float:
        """Seconds until a request is repeated."""
        return (max(self._first / 4, 2 * self._usual) if self._usual else self._first) * self._factor

    def answered(self, after: float) -> None:
        """Take note of an answer to what was not repeated, and of the seconds that it took."""
        self._usual, self._factor = max(after, 0.98 * self._usual), 1

    def repeated(self) -> None:
        """Take note of a repetition."""
        self._factor = min(2 * self._factor, 8)
