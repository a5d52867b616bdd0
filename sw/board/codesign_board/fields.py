"""Packing with numpy: neighbours are joined in ever wider numbers, all of a block at a time.

An integer's container of 8, 16 or 32 bits has ``bits`` of them in use. A container of twice the width, seen in the same
memory, holds two: moving the upper one down onto the lower one's unused bits leaves twice the bits in use at its low
end. Some such steps make *fields*. Where ``bits`` is a power of two, a field's bits in use fill 8, 16 or 32 exactly and
fields are written one after the other. Otherwise fields are 64 bits wide with bits to spare and are moved into place in
64-bit numbers, of which the row's bytes are taken. Unpacking goes the same way back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import gcd

import numpy as np

BLOCK = 1 << 17
"""Integers a block: it stays in the cache."""
UNSIGNED: dict[int, np.dtype] = {8: np.dtype("<u1"), 16: np.dtype("<u2"), 32: np.dtype("<u4"), 64: np.dtype("<u8")}


def container(bits: int) -> np.dtype:
    """Return the smallest unsigned type that has so many bits."""
    return UNSIGNED[max(8, 1 << (bits - 1).bit_length())]


def pack(values: np.ndarray, lanes: int, bits: int, out: np.ndarray, word_bytes: int) -> None:
    """Write integers [words * lanes], contiguous, as words into uint8 [words * word_bytes]."""
    if bits in (8, 16, 32) and lanes * bits == 8 * word_bytes:
        np.copyto(out.view(container(bits)), values, casting="unsafe")
        return
    for row_lanes, integers, rows in _rows(values, lanes, bits, out, word_bytes):
        plan = _plan(row_lanes, bits, rows.shape[1])
        step = max(1, BLOCK // plan.slots)
        cells = np.empty((min(step, len(rows)), plan.slots), plan.container)
        for start in range(0, len(rows), step):
            part = integers[start : start + step]
            block = cells[: len(part)]
            np.copyto(block[:, :row_lanes], part, casting="unsafe")
            block[:, row_lanes:] = 0
            _join(block, plan, rows[start : start + step])


def unpack(data: np.ndarray, word_bytes: int, out: np.ndarray, lanes: int, bits: int, signed: bool) -> None:
    """Write the integers of uint8 [words * word_bytes] into ``out`` [words * lanes] of ``container(bits)``.

    Negative integers are there in two's complement of the container's width.
    """
    if bits in (8, 16, 32) and lanes * bits == 8 * word_bytes:
        np.copyto(out, data.view(container(bits)))
        return
    for row_lanes, integers, rows in _rows(out, lanes, bits, data, word_bytes):
        plan = _plan(row_lanes, bits, rows.shape[1])
        step = max(1, BLOCK // plan.slots)
        for start in range(0, len(rows), step):
            block = _part(rows[start : start + step], plan)
            if signed:
                sign = plan.container.type(1 << (bits - 1))
                block ^= sign
                block -= sign
            integers[start : start + step] = block[:, :row_lanes]


def _rows(
    integers: np.ndarray, lanes: int, bits: int, data: np.ndarray, word_bytes: int
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield lanes a row, integers [rows, lanes] and bytes [rows, bytes].

    Rows are words, but where words leave no bit unused all is one stream of bits: then a row is what ends with a 64-bit
    number, and what remains at the end is one shorter row.
    """
    if lanes * bits != 8 * word_bytes:
        yield lanes, integers.reshape(-1, lanes), data.reshape(-1, word_bytes)
        return
    lanes = 64 // gcd(bits, 64)
    size = lanes * bits // 8
    count, rest = divmod(integers.size, lanes)
    if count:
        yield lanes, integers[: count * lanes].reshape(count, lanes), data[: count * size].reshape(count, size)
    if rest:
        yield rest, integers[count * lanes :].reshape(1, rest), data[count * size :].reshape(1, -1)


@dataclass(frozen=True)
class _Plan:
    """How a row's integers become fields.

    Attributes:
        bits: of one integer in use.
        container: of one integer.
        steps: for each doubling: the type after it, by how much the upper half moves, the bits in use after it.
        slots: integers a row, with the unused ones that fill up the last field.
        exact: a field's bits in use are a whole 8-, 16- or 32-bit number.
        field_bits: bits of a field in use.
        period: fields that end with a 64-bit number, or all there are, where they are fewer (not exact).
        numbers: 64-bit numbers a row, fields and bytes fit them (not exact).
    """

    bits: int
    container: np.dtype
    steps: tuple[tuple[np.dtype, int, int], ...]
    slots: int
    exact: bool
    field_bits: int
    period: int
    numbers: int


@lru_cache(maxsize=64)
def _plan(lanes: int, bits: int, row_bytes: int) -> _Plan:
    kind = container(bits)
    width, used = 8 * kind.itemsize, bits
    exact = bits & (bits - 1) == 0 and 8 * row_bytes % bits == 0
    steps = []
    while used < 8 if exact else width < min(64, 8 * row_bytes) or (used < lanes * bits and width < 64):
        steps.append((UNSIGNED[2 * width], width - used, 2 * used))
        width, used = 2 * width, 2 * used
    if exact:
        return _Plan(bits, kind, tuple(steps), 8 * row_bytes // bits, True, used, 1, 0)
    each = used // bits
    fields = -(-lanes // each)
    period = min(64 // gcd(used, 64), fields)
    fields += -fields % period
    numbers = max(-(-8 * row_bytes // width), -(-fields * used // width))
    return _Plan(bits, kind, tuple(steps), fields * each, False, used, period, numbers)


def _join(cells: np.ndarray, plan: _Plan, rows: np.ndarray) -> None:
    """Write cells [rows, slots] as bytes [rows, bytes]; what the cells hold afterwards is of no use."""
    x = cells.reshape(-1)
    if plan.bits < 8 * plan.container.itemsize:
        x &= _mask(plan.container, plan.bits)
    if plan.bits == 1:
        rows.reshape(-1)[...] = np.packbits(x, bitorder="little")
        return
    for kind, shift, used in plan.steps:
        x = x.view(kind)
        upper = x >> kind.type(shift)
        upper &= _mask(kind, used // 2, used // 2)
        x &= _mask(kind, used // 2)
        x |= upper
    if plan.exact:
        np.copyto(rows.reshape(-1).view(UNSIGNED[plan.field_bits]), x, casting="unsafe")
        return
    numbers = x.reshape(-1, 1)
    if plan.period > 1 or plan.numbers > 1:
        numbers = np.zeros((len(rows), plan.numbers), x.dtype)
        fields, places = _periods(x, numbers, plan)
        for index, place, offset, spills in _places(plan):
            places[..., place] |= fields[..., index] << np.uint64(offset)
            if spills:
                places[..., place + 1] |= fields[..., index] >> np.uint64(64 - offset)
    whole = _whole(rows, numbers)
    if whole is None:
        rows[...] = numbers.view(UNSIGNED[8])[:, : rows.shape[1]]
    else:
        whole[...] = numbers[:, : whole.shape[1]]


def _part(rows: np.ndarray, plan: _Plan) -> np.ndarray:
    """Return the cells [rows, slots] of bytes [rows, bytes], unsigned; the bytes are read once."""
    if plan.bits == 1:
        return np.unpackbits(rows.reshape(-1), bitorder="little").reshape(len(rows), plan.slots)
    widest = plan.steps[-1][0] if plan.steps else plan.container
    if plan.exact:
        x = rows.reshape(-1).view(UNSIGNED[plan.field_bits]).astype(widest)
    else:
        numbers = np.zeros((len(rows), plan.numbers), widest)
        whole = _whole(rows, numbers)
        if whole is None:
            numbers.view(UNSIGNED[8])[:, : rows.shape[1]] = rows
        else:
            numbers[:, : whole.shape[1]] = whole
        x = numbers.reshape(-1)
        if plan.period > 1 or plan.numbers > 1:
            x = np.empty(len(rows) * plan.slots * plan.container.itemsize // 8, widest)
            fields, places = _periods(x, numbers, plan)
            for index, place, offset, spills in _places(plan):
                fields[..., index] = places[..., place] >> np.uint64(offset)
                if spills:
                    fields[..., index] |= places[..., place + 1] << np.uint64(64 - offset)
        x &= _mask(widest, plan.field_bits)
    for kind, shift, used in reversed(plan.steps):
        x = x.view(kind)
        upper = x << kind.type(shift)
        upper &= _mask(kind, used // 2, 4 * kind.itemsize)
        x &= _mask(kind, used // 2)
        x |= upper
    return x.view(plan.container).reshape(len(rows), plan.slots)


def _mask(kind: np.dtype, bits: int, start: int = 0) -> np.generic:
    """Return the number in which so many bits from ``start`` are set."""
    mask: np.generic = kind.type(((1 << bits) - 1) << start)
    return mask


def _periods(x: np.ndarray, numbers: np.ndarray, plan: _Plan) -> tuple[np.ndarray, np.ndarray]:
    """Return views of fields and of 64-bit numbers, each [rows, periods, of a period]."""
    fields = x.reshape(len(numbers), -1, plan.period)
    periods = fields.shape[1]
    if periods == 1:
        return fields, numbers[:, np.newaxis]
    each = plan.period * plan.field_bits // 64
    return fields, numbers[:, : periods * each].reshape(len(numbers), periods, each)


def _places(plan: _Plan) -> Iterator[tuple[int, int, int, bool]]:
    """Yield for each field of a period: its index, its 64-bit number, its lowest bit there, whether it spills over."""
    for index in range(plan.period):
        place, offset = divmod(index * plan.field_bits, 64)
        yield index, place, offset, offset + plan.field_bits > 64


def _whole(rows: np.ndarray, numbers: np.ndarray) -> np.ndarray | None:
    """Return bytes [rows, bytes] seen as numbers: several of the same type, or one of any; None where they are not."""
    size = numbers.itemsize if rows.shape[1] % numbers.itemsize == 0 else rows.shape[1]
    return rows.view(UNSIGNED[8 * size]) if 8 * size in UNSIGNED else None
