"""The codec, against the standard's check value, by hand-made packets, and under garbage."""

import numpy as np

from codesign_board.serial.protocol import (
    END,
    READ,
    SEND,
    Decoder,
    Packet,
    crc16,
    encode,
    from_bytes,
    to_bytes,
    word_bytes,
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


def test_words() -> None:
    words = np.array([[1, -1, 3], [-4, 2, 0]])
    assert word_bytes(3, 3) == 2
    # 011 111 001 and 000 010 100, lane 0 lowest
    assert to_bytes(words, 3) == bytes([0b11111001, 0b0, 0b00010100, 0b0])
    assert np.array_equal(from_bytes(to_bytes(words, 3), 3, 3, True), words)
    wide = np.random.default_rng(3).integers(-(2**31), 2**31, (7, 5))
    assert np.array_equal(from_bytes(to_bytes(wide, 32), 5, 32, True), wide)
    assert np.array_equal(from_bytes(to_bytes(wide, 32), 5, 32, False), wide % 2**32)
