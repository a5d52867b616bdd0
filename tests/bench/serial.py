"""Serial line: what the driver's codec and link carry, against what 3 Mbaud carries.

The other end is no board but a mirror in Python, on a pseudo-terminal: it gives every frame back at once, and takes any
speed. Bytes are those of frames, without what packets add. Seconds are the processor's in the driver's own thread: what
another thread, the system's side of the line or another process takes is no part of it.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from codesign_board.serial.link import Link
from codesign_board.serial.link_test import Mirror
from codesign_board.serial.protocol import SEND, TURNS, Decoder, Packet, encode
from codesign_board.serial.sequence import PACKET_BYTES
from codesign_board.serial.tty import Tty

from tests.bench.figures import Figure

BAUD = 3_000_000
LINE = BAUD / 10 / 1e6
"""MB a second that the line carries each way: ten bits a byte."""
BYTES = 2**20
"""That each measurement moves each way, about."""
FRAMES = {"frames of skeleton-tiny": 3840, "frames of one packet": PACKET_BYTES, "frames of 32 bytes": 32}
ROUNDS = 3
"""The best counts."""


def measure() -> Iterator[Figure]:
    """Time the codec alone, then frames to a mirror and back."""
    packets = [Packet(SEND, number % TURNS, data) for number, data in enumerate(_random(PACKET_BYTES))]
    line = b"".join(map(encode, packets))
    encoding = min(_seconds(lambda: b"".join(map(encode, packets))) for _ in range(ROUNDS))
    decoding = min(_seconds(lambda: Decoder().feed(line)) for _ in range(ROUNDS))
    for what, seconds in (("encoding packets", encoding), ("decoding packets", decoding)):
        yield Figure(what, len(packets) * PACKET_BYTES / 1e6 / seconds, "MB/s", "measured", at_least=1)
    for what, size in FRAMES.items():
        frames, lost, times = _random(size), 0, list[float]()
        for _ in range(ROUNDS):
            with mirror() as port:
                tty = Tty(port, BAUD)
                link = Link(tty)
                started = time.thread_time()
                came = link.exchange(frames, len(frames))
                times.append(time.thread_time() - started)
                lost += sum(a != b for a, b in zip(came, frames, strict=True))
                tty.close()
        rate = len(frames) / min(times)
        yield Figure(f"{what}: that came back wrong", lost, "", "measured", at_most=0)
        yield Figure(f"{what}, both ways at once", rate, "frames/s", "measured")
        yield Figure(f"{what}, each way", rate * size / 1e6, "MB/s", "measured", at_least=LINE)
    yield Figure("what 3 Mbaud carries each way", LINE, "MB/s", "model")


def _random(size: int) -> list[bytes]:
    rng = np.random.default_rng(0)
    return [rng.bytes(size) for _ in range(max(1, BYTES // size))]


def _seconds(what: Callable[[], object]) -> float:
    started = time.thread_time()
    what()
    return time.thread_time() - started


@contextmanager
def mirror() -> Iterator[str]:
    """A board's end of a line, whose accelerator returns its input; gives the path of the driver's end."""
    master, slave = os.openpty()
    ended = threading.Event()
    thread = threading.Thread(target=_reflect, args=(master, ended))
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        ended.set()
        thread.join()
        os.close(master)
        os.close(slave)


def _reflect(master: int, ended: threading.Event) -> None:
    board = Mirror()
    while not ended.is_set():
        if select.select([master], [], [], 0.01)[0]:
            data = board.answer(os.read(master, 65536))
            while data:
                data = data[os.write(master, data) :]
