"""The skeleton nets at the published size on a ZCU104: fit, exact, and how fast.

Untrained, with calibrated scales; sequences resampled to 300 frames of 2 x 25 joints. The body-part net's weights are
more than the chip holds: one engine serves its five parts, and the weights of the largest layers are streamed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.presets import Target, verified

FOLDER = Path("build/bench/skeletons_paper")
BOARD, REAL = "zcu104", 10
RATES = {
    "skeleton-paper": 1200.0,
    "skeleton-two-stream-paper": 600.0,
    "skeleton-body-part-paper": 150.0,
    "skeleton-attention-paper": 600.0,
    "skeleton-frame-difference-paper": 1200.0,
}
"""Frames a second at 200 MHz, at least."""


def measure() -> Iterator[Figure]:
    """Each net in turn."""
    for name, fps in RATES.items():
        yield from verified(name, Target(BOARD, fps, REAL), FOLDER / name)
