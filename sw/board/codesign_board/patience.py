"""When waiting has become hanging: nothing moved, for a time on the wall and for cycles of the accelerator's own clock.

Both, because either misleads alone: on a simulated board a frame may take seconds, and a clock that stands still would
be waited for for ever.
"""

from __future__ import annotations

import time
from collections.abc import Callable


class Patience:
    """Watches one wait.

    Args:
        seconds: how long nothing may move, by the wall's clock.
        cycles: how many of the accelerator's cycles nothing may move, as far as they go by at all; 0 where nothing
            counts them.
        moved: returns counters, of which any change is progress.
        elapsed: returns the accelerator's cycle counter, modulo 2**32.
        now: the wall's clock, in seconds.
    """

    def __init__(
        self,
        seconds: float,
        cycles: int,
        moved: Callable[[], tuple[int, ...]],
        elapsed: Callable[[], int],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds, self._cycles, self._moved, self._elapsed, self._now = seconds, cycles, moved, elapsed, now
        self._look = seconds / 20
        self._next = now() + self._look
        self._counters: tuple[int, ...] | None = None
        self._since = self._ticked = now()
        self._cycle, self._gone = 0, 0

    def __str__(self) -> str:
        return f"{self._seconds:g} s" + (f" and {self._cycles} cycles of its clock" if self._cycles else "")

    def hangs(self) -> bool:
        """Return whether nothing has moved for too long; looks at the counters only now and then, for they cost."""
        now = self._now()
        if now < self._next:
            return False
        self._next = now + self._look
        counters = self._moved()
        if counters != self._counters:
            self._counters = counters
            self._since = self._ticked = now
            self._cycle, self._gone = self._elapsed(), 0
            return False
        cycle = self._elapsed()
        gone = (cycle - self._cycle) % 2**32
        if gone:
            self._cycle, self._gone, self._ticked = cycle, self._gone + gone, now
        if now - self._since < self._seconds:
            return False
        return self._gone >= self._cycles or now - self._ticked >= self._seconds
