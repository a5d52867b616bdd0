"""Integers of a stream to the byte rows of its words, and back."""

from __future__ import annotations

import numpy as np

from hw.design.stream import Stream

CHUNK_BITS = 1 << 26
"""Bits unpacked at once: bounds the memory that packing takes, at a byte a bit."""


def row_bytes(stream: Stream) -> int:
    """Bytes of a word's row."""
    return -(-stream.word_bits // 8)


def pack(stream: Stream, words: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return words as the wire has them.

    Args:
        stream: the words' form; a lane that doesn't fit loses its upper bits.
        words: integers [n, lanes].
        last: bool [n].

    Returns:
        uint8 [n, row_bytes]: ``{last, lanes}`` as little-endian numbers.
    """
    count = len(words)
    rows = np.empty((count, row_bytes(stream)), np.uint8)
    step = max(1, CHUNK_BITS // stream.word_bits)
    lane_bytes = -(-stream.bits // 8)
    for start in range(0, count, step):
        part = np.ascontiguousarray(words[start : start + step], "<i8")
        octets = part.view(np.uint8).reshape(len(part), stream.lanes, 8)[..., :lane_bytes]
        lanes = np.unpackbits(octets, axis=-1, count=stream.bits, bitorder="little").reshape(
            len(part), stream.data_bits
        )
        ends = np.asarray(last[start : start + step], np.uint8)[:, None]
        rows[start : start + step] = np.packbits(np.concatenate([lanes, ends], axis=1), axis=1, bitorder="little")
    return rows


def unpack(stream: Stream, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the integers (int64 [n, lanes]) and ``last`` (bool [n]) of words as ``pack`` makes them."""
    count = len(rows)
    words = np.empty((count, stream.lanes), np.int64)
    last = np.empty(count, bool)
    step = max(1, CHUNK_BITS // stream.word_bits)
    unused = np.int64(64 - stream.bits)
    for start in range(0, count, step):
        bits = np.unpackbits(rows[start : start + step], axis=1, count=stream.word_bits, bitorder="little")
        last[start : start + step] = bits[:, -1]
        lanes = bits[:, :-1].reshape(len(bits), stream.lanes, stream.bits)
        octets = np.packbits(lanes, axis=-1, bitorder="little")
        wide = np.zeros((len(bits), stream.lanes, 8), np.uint8)
        wide[..., : octets.shape[-1]] = octets
        values = wide.view("<i8")[..., 0]
        words[start : start + step] = (values << unused) >> unused if stream.signed else values
    return words, last
