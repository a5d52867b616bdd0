"""What the board takes, by its own rails, idle and running."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

WHOLE_BOARD = ("12v", "total", "som")
"""What the name of a rail has that feeds all others."""
PERIOD_S = 0.02


@dataclass(frozen=True)
class Power:
    """Mean power of each rail, in watts.

    Attributes:
        idle, running: by rail.
    """

    idle: Mapping[str, float]
    running: Mapping[str, float]

    @property
    def rails(self) -> tuple[str, ...]:
        """The rails that together feed the board: the one that feeds all others where it is measured, else all."""
        whole = [name for name in self.running if any(word in name.lower() for word in WHOLE_BOARD)]
        return (whole[0],) if whole else tuple(self.running)

    @property
    def idle_w(self) -> float:
        """Watts of the board, idle."""
        return sum(self.idle.get(name, 0.0) for name in self.rails)

    @property
    def running_w(self) -> float:
        """Watts of the board, running."""
        return sum(self.running[name] for name in self.rails)


def mean_watts(watts: Callable[[], Mapping[str, float]], work: Callable[[], None]) -> dict[str, float]:
    """Return each rail's mean power while ``work`` runs, from readings in a thread beside it."""
    readings: dict[str, list[float]] = {}
    done = threading.Event()

    def sample() -> None:
        while True:
            for name, value in watts().items():
                readings.setdefault(name, []).append(value)
            if done.wait(PERIOD_S):
                return

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        work()
    finally:
        done.set()
        thread.join()
    return {name: sum(values) / len(values) for name, values in readings.items()}
