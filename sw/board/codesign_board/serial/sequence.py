"""Frames as numbered packets, out and back: what is repeated when, so that nothing is lost and nothing comes twice."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from codesign_board.serial.protocol import END, RECEIVE, SEND, TURNS, Packet

PACKET_BYTES = 256
WINDOW = 7
"""Data packets that may be on their way without an answer."""


class Sending:
    """Frames on their way out, as packets' payloads and whether each ends its frame.

    Attributes:
        flying: those sent and not answered yet.
        waiting: those to be sent.
        first: number of the first without an answer.
    """

    def __init__(self) -> None:
        self.first = 0
        self.flying, self.waiting = deque[tuple[bytes, bool]](), deque[tuple[bytes, bool]]()
        self._room, self._since, self._repeated = PACKET_BYTES, 0.0, False

    @property
    def left(self) -> bool:
        """Whether anything is without an answer."""
        return bool(self.flying or self.waiting)

    def add(self, frames: Sequence[bytes]) -> None:
        """Put frames behind what is there."""
        for frame in frames:
            for start in range(0, len(frame), PACKET_BYTES):
                end = start + PACKET_BYTES >= len(frame)
                self.waiting.append((frame[start : start + PACKET_BYTES], end))

    def packets(self, now: float) -> Iterator[Packet]:
        """Give what may be sent: as many packets as the window and the other end's room allow."""
        room = self._room - sum(len(payload) for payload, _ in self.flying)
        if self.waiting and not self.flying and len(self.waiting[0][0]) > room:
            # What there is room for; nothing at all is sent as well, for an answer with more room.
            payload, end = self.waiting.popleft()
            self.waiting.extendleft([(payload[room:], end), (payload[:room], False)])
        while self.waiting and len(self.flying) < WINDOW and len(self.waiting[0][0]) <= room:
            payload, end = self.waiting.popleft()
            room -= len(payload)
            yield Packet(SEND, (self.first + len(self.flying)) % TURNS | (END if end else 0), payload)
            self.flying.append((payload, end))
            self._since = now

    def heard(self, packet: Packet, now: float) -> tuple[float | None, bool]:
        """Take an answer; return the seconds that it took, where that can be told, and whether something arrived."""
        done = (packet.argument - self.first) % TURNS
        if len(packet.payload) != 4 or done > len(self.flying):
            return None, False
        arrived = sum(len(self.flying.popleft()[0]) for _ in range(done))
        self.first, self._room = (self.first + done) % TURNS, int.from_bytes(packet.payload, "little")
        after = now - self._since if done and not self._repeated else None
        if done:
            self._since, self._repeated = now, False
        return after, arrived > 0

    def overdue(self, since: float) -> bool:
        """Send again what has had no answer since then; return whether there is something."""
        if not self.flying or self._since >= since:
            return False
        self.waiting.extendleft(reversed(self.flying))
        self.flying.clear()
        self._repeated = True
        return True


class Receiving:
    """Frames on their way back.

    Attributes:
        frames: those that are whole.
        turn: number of the next answer.
    """

    def __init__(self) -> None:
        self.turn, self.frames = 0, list[bytes]()
        self._partial, self._asked, self._since, self._repeated = bytearray(), False, 0.0, False

    def request(self, now: float) -> list[Packet]:
        """Return a request for the next packet unless there is one on its way."""
        if self._asked:
            return []
        self._asked, self._since = True, now
        return [Packet(RECEIVE, self.turn)]

    def heard(self, packet: Packet, now: float) -> tuple[float | None, bool]:
        """Take an answer, unless it is a second one to an earlier request; return as ``Sending.heard`` does."""
        if packet.argument != self.turn or not packet.payload:
            return None, False
        after = None if self._repeated else now - self._since
        self._asked, self._repeated, self.turn = False, False, (self.turn + 1) % TURNS
        self._partial += packet.payload[:-1]
        if packet.payload[-1] & 1:
            self.frames.append(bytes(self._partial))
            self._partial.clear()
        return after, len(packet.payload) > 1

    def overdue(self, since: float) -> bool:
        """Ask again where there has been no answer since then; return whether it is so."""
        if not self._asked or self._since >= since:
            return False
        self._asked, self._repeated = False, True
        return True
