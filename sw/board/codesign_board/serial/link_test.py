"""The link on lines that are slow, or on which nothing comes: how often it asks, and when it gives up.

That nothing is lost on bad lines is tested against the RTL of the board (sw/simboard/line_test.py).
"""

from __future__ import annotations

from collections import deque

import pytest

from codesign_board.errors import TransferTimeout
from codesign_board.serial.link import Link
from codesign_board.serial.protocol import END, READ, RECEIVE, SEND, TURNS, Decoder, Packet, encode

FRAMES = [bytes([number]) * 300 for number in range(20)]


class Mirror:
    """A board whose accelerator returns its input, and which has more memory than the shell of the protocol has."""

    def __init__(self) -> None:
        self._decoder, self._waiting = Decoder(), deque[tuple[bytes, int]]()
        self._turn, self._last, self._answer = 0, TURNS - 1, b""

    def answer(self, data: bytes) -> bytes:
        """Return the answers to what came."""
        return b"".join(encode(self._reply(packet)) for packet in self._decoder.feed(data))

    def _reply(self, packet: Packet) -> Packet:
        number = packet.argument % TURNS
        if packet.command == READ:
            return Packet(READ, number, bytes([number, 0, 0, 0]))
        if packet.command == SEND:
            if number == self._turn:
                self._waiting.append((packet.payload, packet.argument // END))
                self._turn = (self._turn + 1) % TURNS
            return Packet(SEND, self._turn, (2047).to_bytes(4, "little"))
        if number != self._last:
            payload, end = self._waiting.popleft() if self._waiting else (b"", 0)
            self._last, self._answer = number, payload + bytes([end])
        return Packet(RECEIVE, self._last, self._answer)


class Slow:
    """A line to a mirror on which an answer takes so many seconds, None for ever; every ``read`` takes 0.01."""

    def __init__(self, delay: float | None) -> None:
        self.now, self.delay, self.written = 0.0, delay, 0
        self._mirror, self._coming = Mirror(), deque[tuple[float, bytes]]()

    def clock(self) -> float:
        return self.now

    def write(self, data: bytes) -> None:
        self.written += len(data)
        if self.delay is not None:
            self._coming.append((self.now + self.delay, self._mirror.answer(data)))

    def read(self) -> bytes:
        self.now += 0.01
        return self._coming.popleft()[1] if self._coming and self._coming[0][0] <= self.now else b""

    def close(self) -> None:
        pass


@pytest.mark.parametrize("delay", [0.0, 0.04, 0.6, 1.5])
def test_a_slow_line_is_not_sent_everything_twice(delay: float) -> None:
    line = Slow(delay)
    link = Link(line, timeout=0.2, attempts=20, clock=line.clock)
    assert link.read_register(3) == 3
    assert link.exchange(FRAMES, len(FRAMES)) == FRAMES
    once = sum(len(frame) + 2 * 6 for frame in FRAMES)
    asked = 40 * 5  # a request for each packet that comes back
    assert line.written <= (1.5 if delay < 0.2 else 2) * (once + asked)
    assert (link.repeats == 0) == (delay < 0.05)


def test_when_it_gives_up() -> None:
    line = Slow(None)
    link = Link(line, timeout=0.2, attempts=10, clock=line.clock)
    with pytest.raises(TransferTimeout, match="Nothing answers on the serial line"):
        link.read_register(3)
    assert 2 <= line.now < 2.5 and not link.answering
    line.now = 0.0
    with pytest.raises(TransferTimeout, match=r"Nothing moves any more.*0 of 1 frames came back"):
        link.exchange([b"frame"], 1)
    assert 2 <= line.now < 2.5 and link.state()["unanswered"] + link.state()["unsent"] == 1


def test_a_late_answer_is_not_the_next_request_s() -> None:
    line = Slow(0.5)
    link = Link(line, timeout=0.2, attempts=10, clock=line.clock)
    assert link.read_register(3) == 3 and link.repeats == 2
    line.delay = 0.0
    assert not line.read() and link.read_register(5) == 5
    assert not line.read()
