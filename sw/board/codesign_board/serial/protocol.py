"""The packets of the serial protocol, which hw/shell/uart/README.md describes, as bytes on the line and back."""

from __future__ import annotations

import binascii
from dataclasses import dataclass

FLIP = 0x20
"""What an escaped byte is XORed with; 0x7E is the flag, 0x7D the escape."""
LONGEST = 520
"""Bytes between two flags, at most: header, payload and CRC are up to 260, and twice that where all are escaped."""
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


_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte, its bits the other way round."""


def crc16(data: bytes) -> int:
    """Return the CRC-16/X-25 of some bytes.

    It is the bitwise reverse of what CRC-CCITT, which Python has in C, gives for the bytes with their bits reversed.
    """
    crc = binascii.crc_hqx(data.translate(_REVERSED), 0xFFFF)
    return (_REVERSED[crc & 0xFF] << 8 | _REVERSED[crc >> 8]) ^ 0xFFFF


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
        self._begun = b""

    def feed(self, data: bytes) -> list[Packet]:
        """Return the packets that these bytes complete."""
        *bodies, begun = (self._begun + data).split(b"\x7e")
        self._begun = begun[: LONGEST + 1]  # more is none, whatever its CRC
        found = [_decode(body) for body in bodies if body]
        packets = [packet for packet in found if packet is not None]
        self.damaged += len(found) - len(packets)
        return packets


def _decode(body: bytes) -> Packet | None:
    """Return the packet of what stood between two flags, None where it is damaged."""
    if len(body) > LONGEST:
        return None
    if b"\x7d" in body:
        first, *pieces = body.split(b"\x7d")
        if not all(pieces):
            return None
        body = first + b"".join(bytes([piece[0] ^ FLIP]) + piece[1:] for piece in pieces)
    if len(body) < 3 or crc16(body[:-2]) != int.from_bytes(body[-2:], "little"):
        return None
    return Packet(body[0] >> 5, body[0] & 0x1F, body[1:-2])
