"""What clock the processing system makes of the one asked for."""

from __future__ import annotations

from dataclasses import dataclass

_SOURCE_MHZ = {"xcup": 33.333 * 45, "xc7": 50.0 * 20}
"""The I/O PLL, from which the fabric's clocks are divided."""
_LONGEST_DIVIDER = 63


@dataclass(frozen=True)
class Divided:
    """The fabric's clock as the processing system makes it.

    Attributes:
        first, second: its two dividers.
        mhz: what comes out.
    """

    first: int
    second: int
    mhz: float


def divided(family: str, clock_mhz: float) -> Divided:
    """Return the dividers of the I/O PLL's clock that come closest to a clock without being faster."""
    source = _SOURCE_MHZ[family]
    pairs = [(i, j) for j in range(1, _LONGEST_DIVIDER + 1) for i in range(j, _LONGEST_DIVIDER + 1)]
    slower = [(i, j) for i, j in pairs if source / (i * j) <= clock_mhz]
    first, second = min(slower or pairs[-1:], key=lambda pair: (pair[0] * pair[1], pair[1]))
    return Divided(first, second, source / (first * second))
