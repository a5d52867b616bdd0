"""The host's side of the serial protocol: packets, and the words in them. README.md beside it has the format.

Python 3.10 and numpy 1.21, nothing else: the driver on a small host uses it as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FLAG, ESCAPE, FLIP = 0x7E, 0x7D, 0x20
READ, WRITE, SEND, RECEIVE = 1, 2, 3, 4
END = 0x10
"""In a SEND's argument: the frame ends with this packet."""
TURNS = 16
"""Data packets are numbered modulo this."""


@dataclass(frozen=True)
class Packet:
    """One packet.

    Attributes:
        command: READ, WRITE, SEND or RECEIVE; an answer has its request's.
        argument: five bits: a register's index, or a data packet's number and END.
        payload: data.
    """

    command: int
    argument: int
    payload: bytes = b""


def _table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x8408 if value & 1 else 0)
        table.append(value)
    return tuple(table)


_TABLE = _table()


def crc16(data: bytes) -> int:
    """Return the CRC-16/X-25 of some bytes."""
    crc = 0xFFFF
    for byte in data:
        crc = (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFF


def encode(packet: Packet) -> bytes:
    """Return the bytes on the line: flag, header, payload and CRC with escapes, flag."""
    plain = bytes([packet.command << 5 | packet.argument]) + packet.payload
    plain += crc16(plain).to_bytes(2, "little")
    body = plain.replace(b"\x7d", b"\x7d\x5d").replace(b"\x7e", b"\x7d\x5e")
    return b"\x7e" + body + b"\x7e"


class Decoder:
    """Finds packets in bytes as they come, whatever lies between them.

    Attributes:
        damaged: stretches between flags so far that were no packet.
    """

    def __init__(self) -> None:
        self.damaged = 0
        self._body = bytearray()

    def feed(self, data: bytes) -> list[Packet]:
        """Return the packets that these bytes complete."""
        packets = []
        for byte in data:
            if byte != FLAG:
                self._body.append(byte)
                continue
            if self._body:
                packet = _decode(bytes(self._body))
                if packet is None:
                    self.damaged += 1
                else:
                    packets.append(packet)
            self._body.clear()
        return packets


def _decode(body: bytes) -> Packet | None:
    """Return the packet of what stood between two flags, None where it is damaged."""
    pieces = body.split(b"\x7d")
    if any(not piece for piece in pieces[1:]):
        return None
    plain = pieces[0] + b"".join(bytes([piece[0] ^ FLIP]) + piece[1:] for piece in pieces[1:])
    if len(plain) < 3 or crc16(plain[:-2]) != int.from_bytes(plain[-2:], "little"):
        return None
    return Packet(plain[0] >> 5, plain[0] & 0x1F, plain[1:-2])


def word_bytes(lanes: int, bits: int) -> int:
    """Return the number of bytes that a word takes."""
    return -(-lanes * bits // 8)


def to_bytes(words: np.ndarray, bits: int) -> bytes:
    """Return words as the line has them: lane 0 in the lowest bits, little endian, filled up to whole bytes.

    Args:
        words: integers [words, lanes].
        bits: of a lane; a negative number is in two's complement.
    """
    count, lanes = words.shape
    single = (words.astype(np.int64)[:, :, None] >> np.arange(bits)) & 1
    filled = np.zeros((count, 8 * word_bytes(lanes, bits)), np.uint8)
    filled[:, : lanes * bits] = single.reshape(count, lanes * bits)
    return np.packbits(filled, axis=1, bitorder="little").tobytes()


def from_bytes(data: bytes, lanes: int, bits: int, signed: bool) -> np.ndarray:
    """Return the words in ``data`` (whole words), int64 [words, lanes]."""
    rows = np.frombuffer(data, np.uint8).reshape(-1, word_bytes(lanes, bits))
    single = np.unpackbits(rows, axis=1, bitorder="little")[:, : lanes * bits].reshape(-1, lanes, bits)
    weights = np.left_shift(np.int64(1), np.arange(bits, dtype=np.int64))
    if signed:
        weights[-1] = -weights[-1]
    result: np.ndarray = (single.astype(np.int64) * weights).sum(axis=2)
    return result
