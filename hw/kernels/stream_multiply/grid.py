"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

from hw.kernels.stream_multiply.kernel import StreamMultiply


def grid(family: str) -> Iterator[StreamMultiply]:
    """Gates of one bit, products of logic and of DSPs."""
    for x, y, pe in (((4, False), (1, False), 8), ((8, True), (1, False), 4), ((2, False), (2, False), 8)):
        yield _multiply(x, y, pe)
    for x, y, pe in (((2, True), (3, False), 4), ((4, True), (3, True), 4), ((4, False), (4, False), 2)):
        yield _multiply(x, y, pe)
    for x, y, pe in (((4, True), (4, True), 16), ((3, True), (3, False), 16), ((8, False), (8, True), 4)):
        yield _multiply(x, y, pe)
    for x, y, pe in (((8, True), (4, False), 8), ((8, True), (8, True), 1), ((16, True), (8, False), 2)):
        yield _multiply(x, y, pe)


def _multiply(x: tuple[int, bool], y: tuple[int, bool], pe: int) -> StreamMultiply:
    return StreamMultiply(32, 64, *x, *y, x[0] + y[0], x[1] or y[1], pe)
