"""The host's side of the serial link: registers, and frames that arrive whole and in order, or not without a word.

Python 3.10 and numpy 1.21, nothing else, as protocol.py.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from codesign_board.serial.protocol import END, READ, RECEIVE, SEND, TURNS, WRITE, Decoder, Packet, encode

PACKET_BYTES = 256
WINDOW = 7
"""Data packets that may be on their way without an answer."""


class LinkError(Exception):
    """The other end doesn't answer, or not what it must."""


class Link:
    """Requests and answers over a transport, with repetition where something got lost.

    A frame goes out in packets that are numbered; an answer names the next number that the other end waits for and the
    room that it has. What comes back is asked for, packet by packet.

    Attributes:
        repeats: requests that had to be repeated so far.
    """

    def __init__(
        self, transport: Any, timeout: float = 0.2, attempts: int = 10, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take a transport with ``write(data: bytes)`` and ``read() -> bytes`` (what is there by now).

        Args:
            transport: as above.
            timeout: seconds by ``clock`` until a request is repeated.
            attempts: times that a request is made without any answer before LinkError.
            clock: seconds.
        """
        self._transport, self._timeout, self._attempts, self._clock = transport, timeout, attempts, clock
        self._decoder = Decoder()
        self._next_send, self._next_receive = 0, 0
        self.repeats = 0

    def read_register(self, index: int) -> int:
        """Return a register's value."""
        answer = self._ask(Packet(READ, index))
        return int.from_bytes(answer.payload, "little")

    def write_register(self, index: int, value: int) -> None:
        """Write a register's lowest byte."""
        self._ask(Packet(WRITE, index, bytes([value])))

    def restart(self) -> None:
        """Begin to count data packets anew: for use after the other end's reset."""
        self._next_send, self._next_receive = 0, 0

    def exchange(self, frames: Sequence[bytes], expected: int) -> list[bytes]:
        """Send frames and return the next ``expected`` frames that come back.

        Both go on at once. Every frame has at least one word.

        Args:
            frames: the bytes of each frame's words.
            expected: number of frames to wait for.

        Raises:
            LinkError: nothing moves any more.
        """
        sending, receiving = _Sending(self._next_send, frames), _Receiving(self._next_receive)
        moved = self._clock()
        while sending.pieces or len(receiving.frames) < expected:
            now = self._clock()
            asks = [*sending.packets(now)] + (receiving.request(now) if len(receiving.frames) < expected else [])
            for packet in asks:
                self._transport.write(encode(packet))
            for packet in self._decoder.feed(self._transport.read()):
                if sending.heard(packet, now) or receiving.heard(packet):
                    moved = now
            self._next_send, self._next_receive = sending.first, receiving.turn
            self.repeats += sending.overdue(now - self._timeout) + receiving.overdue(now - self._timeout)
            if now - moved > self._attempts * self._timeout:
                raise LinkError(f"nothing moves any more: {len(receiving.frames)} of {expected} frames came back")
        return receiving.frames

    def _ask(self, request: Packet) -> Packet:
        """Return the answer to a READ or WRITE; asking twice does no harm."""
        for attempt in range(self._attempts):
            self.repeats += attempt > 0
            self._transport.write(encode(request))
            until = self._clock() + self._timeout
            while self._clock() < until:
                for packet in self._decoder.feed(self._transport.read()):
                    if packet.command == request.command and packet.argument in (request.argument, 0):
                        return packet
        raise LinkError("the board does not answer: is it the right port, is the bitstream loaded?")


class _Sending:
    """Frames on their way out.

    Attributes:
        pieces: payloads without an answer, and whether each ends its frame.
        first: number of the first of them.
    """

    def __init__(self, first: int, frames: Sequence[bytes]) -> None:
        self.first, self.pieces = first, deque[tuple[bytes, bool]]()
        self._sent, self._room, self._since = 0, PACKET_BYTES, 0.0
        for frame in frames:
            for start in range(0, len(frame), PACKET_BYTES):
                end = start + PACKET_BYTES >= len(frame)
                self.pieces.append((frame[start : start + PACKET_BYTES], end))

    def packets(self, now: float) -> Iterator[Packet]:
        """Give what may be sent: as many packets as the window and the other end's room allow."""
        if self.pieces and not self._sent and len(self.pieces[0][0]) > self._room:
            # What there is room for; nothing at all is sent as well, for an answer with more room.
            payload, end = self.pieces.popleft()
            self.pieces.extendleft([(payload[self._room :], end), (payload[: self._room], False)])
        used = sum(len(payload) for payload, _ in list(self.pieces)[: self._sent])
        while self._sent < min(len(self.pieces), WINDOW) and used + len(self.pieces[self._sent][0]) <= self._room:
            payload, end = self.pieces[self._sent]
            used += len(payload)
            yield Packet(SEND, (self.first + self._sent) % TURNS | (END if end else 0), payload)
            self._sent += 1
            self._since = now

    def heard(self, packet: Packet, now: float) -> bool:
        """Take an answer; return whether something arrived."""
        done = (packet.argument - self.first) % TURNS
        if packet.command != SEND or len(packet.payload) != 4 or done > self._sent:
            return False
        arrived = sum(len(self.pieces.popleft()[0]) for _ in range(done))
        self.first, self._sent = (self.first + done) % TURNS, self._sent - done
        self._room, self._since = int.from_bytes(packet.payload, "little"), now if done else self._since
        return arrived > 0

    def overdue(self, since: float) -> bool:
        """Send again what has had no answer since then; return whether there is something."""
        late = self._sent > 0 and self._since < since
        if late:
            self._sent = 0
        return late


class _Receiving:
    """Frames on their way back.

    Attributes:
        frames: those that are whole.
        turn: number of the next answer.
    """

    def __init__(self, turn: int) -> None:
        self.turn, self.frames = turn, list[bytes]()
        self._partial, self._asked, self._since = bytearray(), False, 0.0

    def request(self, now: float) -> list[Packet]:
        """Return a request for the next packet unless there is one on its way."""
        if self._asked:
            return []
        self._asked, self._since = True, now
        return [Packet(RECEIVE, self.turn)]

    def heard(self, packet: Packet) -> bool:
        """Take an answer, unless it is a second one to an earlier request; return whether something arrived."""
        if packet.command != RECEIVE or packet.argument != self.turn or not packet.payload:
            return False
        self._asked, self.turn = False, (self.turn + 1) % TURNS
        self._partial += packet.payload[:-1]
        if packet.payload[-1] & 1:
            self.frames.append(bytes(self._partial))
            self._partial.clear()
        return len(packet.payload) > 1

    def overdue(self, since: float) -> bool:
        """Ask again where there has been no answer since then; return whether it is so."""
        late = self._asked and self._since < since
        if late:
            self._asked = False
        return late
