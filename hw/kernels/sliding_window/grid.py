"""Configurations that the estimates are calibrated on."""

from __future__ import annotations

from collections.abc import Iterator

from hw.kernels.sliding_window.kernel import SlidingWindow


def _line(length: int, channels: int, bits: int, taps: int, pad: int, stride: int, simd: int) -> SlidingWindow:
    return SlidingWindow((length,), channels, bits, True, (taps,), (stride,), ((pad, pad),), (1,), simd)


def _plane(
    size: int, channels: int, bits: int, taps: int, pad: int, stride: int, simd: int, dilation: int = 1
) -> SlidingWindow:
    pads = ((pad, pad), (pad, pad))
    return SlidingWindow(
        (size, size), channels, bits, False, (taps, taps), (stride, stride), pads, (dilation, dilation), simd
    )


def grid(family: str) -> Iterator[SlidingWindow]:
    """Windows of lines and images, and kernels of one tap that only drop positions."""
    yield _line(64, 60, 8, 5, 2, 1, 4)
    yield _line(64, 16, 4, 5, 2, 1, 1)
    yield _line(64, 16, 4, 5, 2, 2, 16)
    yield _line(128, 32, 4, 9, 0, 1, 8)
    yield _line(64, 16, 4, 1, 0, 2, 2)
    yield _plane(32, 16, 4, 1, 0, 2, 8)
    yield _plane(32, 3, 8, 3, 0, 1, 3)
    yield _plane(28, 16, 4, 3, 1, 1, 1)
    yield _plane(30, 64, 1, 3, 0, 1, 32)
    yield _plane(16, 64, 2, 3, 1, 1, 16)
    yield _plane(14, 128, 4, 3, 1, 2, 4)
    yield _plane(32, 8, 8, 5, 2, 1, 2)
    yield _plane(8, 32, 4, 3, 2, 1, 8, 2)
    yield _plane(12, 256, 2, 3, 0, 1, 32)
    yield _plane(6, 4, 3, 2, 0, 2, 1)
    yield _plane(5, 16, 4, 3, 1, 1, 4)
