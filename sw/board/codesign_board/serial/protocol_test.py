"""The codec, against the standard's check value, by hand-made packets, and under garbage."""

import numpy as np

from codesign_board.serial.protocol import (
    END,
    LONGEST,
    READ,
    SEND,
    Decoder,
    Packet,
    crc16,
    encode,
)


def test_crc_has_the_standard_check_value() -> None:
    assert crc16(b"123456789") == 0x906E


def test_a_packet_by_hand() -> None:
    assert encode(Packet(READ, 4)) == bytes([0x7E, 0x24, *crc16(b"\x24").to_bytes(2, "little"), 0x7E])


def test_escapes() -> None:
    packet = Packet(SEND, END | 3, b"\x7e\x7d\x5e\x20\x7d")
    line = encode(packet)
    assert line.count(0x7E) == 2 and line[1:7] == bytes([0x73, 0x7D, 0x5E, 0x7D, 0x5D, 0x5E])
    assert Decoder().feed(line) == [packet]


def test_any_packet_survives_a_byte_at_a_time() -> None:
    rng = np.random.default_rng(1)
    packets = [
        Packet(int(rng.integers(1, 5)), int(rng.integers(32)), rng.bytes(int(rng.integers(300)))) for _ in range(50)
    ]
    decoder = Decoder()
    assert [p for byte in b"".join(map(encode, packets)) for p in decoder.feed(bytes([byte]))] == packets
    assert decoder.damaged == 0


def test_resynchronises_after_garbage() -> None:
    rng = np.random.default_rng(2)
    decoder, packet = Decoder(), Packet(READ, 5, b"abc")
    for _ in range(100):
        assert decoder.feed(rng.bytes(20) + encode(packet) + encode(packet))[-1] == packet
    assert decoder.damaged >= 90


def test_every_single_bit_error_is_seen() -> None:
    line = bytearray(encode(Packet(SEND, 1, b"\x00\x11\x7e\x33")))
    for bit in range(8, 8 * (len(line) - 1)):
        line[bit // 8] ^= 1 << bit % 8
        assert Decoder().feed(bytes(line)) == []
        line[bit // 8] ^= 1 << bit % 8


def test_crc_is_the_definition_s() -> None:
    rng = np.random.default_rng(3)
    for size in (0, 1, 2, 260):
        data, crc = rng.bytes(size), 0xFFFF
        for byte in data:  # bit by bit, as the RTL does it
            for bit in range(8):
                crc = crc >> 1 ^ (0x8408 if (crc ^ byte >> bit) & 1 else 0)
        assert crc16(data) == crc ^ 0xFFFF


def test_what_is_too_long_is_no_packet_and_takes_no_memory() -> None:
    decoder, packet = Decoder(), Packet(READ, 5)
    long = encode(Packet(SEND, 0, bytes(600)))
    assert decoder.feed(long) == [] and decoder.damaged == 1
    for _ in range(100):
        assert decoder.feed(bytes(1000)) == []
    assert len(decoder._begun) <= LONGEST + 1
    assert decoder.feed(encode(packet)) == [packet] and decoder.damaged == 2
    full = Packet(SEND, 0, b"\x7e" * 256)
    assert decoder.feed(encode(full)) == [full]
