"""When a sliding window's words move: from it follow the ring's size, the interval and the words held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np


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

    def words_ahead(self, ring: int, delay: int) -> int:
        """Return how many input words must be taken ahead of the outputs' share of them, for the full rate.

        Args:
            ring: positions in the ring.
            delay: cycles from reading a word to showing it.
        """
        ratio = Fraction(self.input_words, self.output_words)
        sent = range(0, self.output_words, self.window_words)
        if ratio <= 1:
            return max(
                ceil(need * self.groups - (before - delay) * ratio)
                for need, before in zip(self.needs, sent, strict=True)
            )
        frames = 2 + ceil(ring / self.positions)
        first = self.run(ring, frames)[-len(self.starts) :]
        origin = (frames - 1) * self.input_words
        return max(ceil(cycle - origin + delay - before * ratio) for cycle, before in zip(first, sent, strict=True))

    def words_ahead_of_kept(self) -> int:
        """Return the same where a window is a single position, which is passed on at once."""
        ratio = Fraction(self.positions, len(self.starts))
        return max(ceil((start - index * ratio) * self.groups + 1) for index, start in enumerate(self.starts))

    def lead(self, ring: int) -> int:
        """Return how many words are sent ahead of their share of a frame, counted from the latest, where few are sent.

        Rows that no window reaches come behind those that windows do, and whoever reads stands still meanwhile.
        """
        total, count = self.input_words, self.output_words
        if count >= total:
            return 0  # it sends all the time
        frames = 2 + ceil(ring / self.positions)
        first = np.array(self.run(ring, frames)[-len(self.starts) :])
        cycles = (first[:, None] + np.arange(self.window_words)).reshape(-1)
        behind = cycles * count - np.arange(count) * total
        return -(-int(behind.max() - behind.min()) // total)

    def lead_of_kept(self) -> int:
        """Return how many words a position that comes early is ahead of one that comes late, by their shares."""
        count = len(self.starts)
        behind = [start * count - index * self.positions for index, start in enumerate(self.starts)]
        return -(-(max(behind) - min(behind)) * self.groups // self.positions)
