"""When a sliding window's words move: from it follow the ring's size, the interval and the words held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, eq=False)
class Schedule:
    """Windows of one frame in the order in which they are sent; positions in raster order.

    Attributes:
        starts: position of each window's first tap, negative in the padding before the frame.
        needs: positions of the frame that must have come before each window is sent.
        positions: positions in a frame.
        groups: words a position.
        window_words: words that a window sends.
    """

    starts: Sequence[int]
    needs: Sequence[int]
    positions: int
    groups: int
    window_words: int

    @property
    def input_words(self) -> int:
        return self.positions * self.groups

    @property
    def output_words(self) -> int:
        return len(self.starts) * self.window_words

    def run(self, ring: int, frames: int) -> list[int]:
        """Return the cycle in which each window's first word is read, with a ring of ``ring`` positions.

        Inputs come as fast as they are taken, outputs are never stalled. Cycle 0 is that of the first word taken.
        """
        count = len(self.starts)
        limits = [(0, ring + self.starts[0])]  # from when on only positions below a limit may come
        segment, clock = 0, 0  # of the writer
        came: list[int] = []  # cycle from which each position can be read
        first: list[int] = []
        now = 0
        for window in range(frames * count):
            frame, index = divmod(window, count)
            need = frame * self.positions + self.needs[index]
            while len(came) < need:
                missing = self.groups
                while missing:
                    end = limits[segment + 1][0] if segment + 1 < len(limits) else clock + missing
                    if limits[segment][1] > len(came):
                        moved = min(missing, end - clock)
                        clock, missing = clock + moved, missing - moved
                    else:
                        clock = end
                    segment += clock == end and segment + 1 < len(limits)
                came.append(clock)
            now = max(now, came[need - 1])
            first.append(now)
            now += self.window_words
            frame, index = divmod(window + 1, count)
            limits.append((now, frame * self.positions + self.starts[index] + ring))
        return first

    def interval(self, ring: int) -> int:
        """Return the cycles from frame to frame in steady state with a ring of ``ring`` positions."""
        frames = 4 + 2 * ceil(ring / self.positions)
        first = self.run(ring, frames)
        return first[-1] - first[-1 - len(self.starts)]

    def smallest_ring(self, least: int) -> int:
        """Return the smallest power of two, at least ``least``, with which neither side ever waits for room."""
        ideal = max(self.input_words, self.output_words)
        ring = max(2, 1 << (least - 1).bit_length())
        while self.interval(ring) > ideal and ring < 4 * (least + self.positions):
            ring *= 2
        return ring
