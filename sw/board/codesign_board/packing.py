"""Integers of 1 to 32 bits into the words that travel, and out of them.

In a word, lane 0 has the lowest bits and the lowest byte comes first. A buffer for DMA may not be cached: it is written
once, from the first byte to the last, and read the same way. ``fields`` does it with numpy; where the optional C
library is there (``native``), it does the same, faster.
"""

from __future__ import annotations

import numpy as np

from codesign_board import fields, native
from codesign_board.errors import InputError
from codesign_board.package import Port


def pack(values: np.ndarray, port: Port, out: np.ndarray) -> None:
    """Write integers as words into a buffer.

    Args:
        values: whole frames in frame order, [frames, ...], of any integer type, contiguous or not, each in the port's
            range; of a value beyond it the lowest bits are taken.
        port: how they travel.
        out: uint8 [at least frames * port.frame_bytes], contiguous.

    Raises:
        InputError: no integers, no whole number of frames, or no room for them.
    """
    if values.dtype.kind not in "iub":
        raise InputError(f"Only integers can be packed, and these are {values.dtype}: convert them first.")
    if values.size % port.frame_integers:
        raise InputError(f"{values.size} integers are no whole number of frames, which have {port.frame_integers}.")
    target = _bytes(out, values.size // port.frame_integers, port)
    kind = fields.container(port.bits)
    if not values.flags.c_contiguous or values.dtype.itemsize < kind.itemsize:
        # Narrowed as it lies in memory first: what is then moved about is small. What is too narrow gets its sign here.
        values = np.ascontiguousarray(values.astype(kind, casting="unsafe"))
    if not native.pack(values, port.lanes, port.bits, target, port.bytes_per_word):
        fields.pack(values.reshape(-1), port.lanes, port.bits, target, port.bytes_per_word)


def unpack(data: np.ndarray, port: Port, frames: int) -> np.ndarray:
    """Return the integers of words.

    Args:
        data: uint8 [at least frames * port.frame_bytes], contiguous.
        port: how they travel.
        frames: how many frames.

    Returns:
        integers [frames, *port.shape] of the smallest type that has the port's bits and sign.

    Raises:
        InputError: there is less data than that.
    """
    source = _bytes(data, frames, port)
    kind = fields.container(port.bits)
    out = np.empty(frames * port.frame_integers, kind)
    if not native.unpack(source, port.bytes_per_word, out, port.lanes, port.bits, port.signed):
        fields.unpack(source, port.bytes_per_word, out, port.lanes, port.bits, port.signed)
    return out.view(f"<i{kind.itemsize}" if port.signed else kind).reshape(frames, *port.shape)


def _bytes(buffer: np.ndarray, frames: int, port: Port) -> np.ndarray:
    """Return the part of a buffer that the frames take, as a plain array."""
    size = frames * port.frame_bytes
    if buffer.dtype != np.uint8 or not buffer.flags.c_contiguous or buffer.size < size:
        raise InputError(
            f"The buffer is {buffer.dtype} {list(buffer.shape)}: {frames} frames of {port.frame_bytes} bytes take "
            f"{size} bytes of contiguous uint8."
        )
    return buffer.view(np.ndarray).reshape(-1)[:size]
