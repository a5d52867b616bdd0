"""The sizes of the data set: how many simulations, how fine, how fast."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from codesign.errors import UserError

BANDWIDTH = 2.5
"""The highest frequency of a Ricker pulse over its peak frequency; its spectrum there is 3 % of the peak's."""

STIFFEST = 8.3
"""Greatest eigenvalue of M^-1 K on unit squares at speed 1, with linear triangles and a lumped mass (8.2986)."""


@dataclass(frozen=True)
class Size:
    """One size.

    Attributes:
        name: of it.
        simulations: random problems, numbered from 0.
        cells: squares of the mesh along a side (two triangles each).
        speeds: least and greatest wave speed of an inclusion; the background has 1.
        frequencies: least and greatest peak frequency of a source.
        interval: time between two frames.
        frames: of a simulation; frame i is at time i * interval.
        first: the first frame that is the present of a sample.
        horizon: frames that the boundary task looks ahead.
        grid: points of a net's image along a side.
        zone: first and last row (and column) of the grid that lie on the zone's edge.
        seed: of all problems.
    """

    name: str
    simulations: int
    cells: int = 128
    speeds: tuple[float, float] = (0.6, 1.6)
    frequencies: tuple[float, float] = (1.5, 3.0)
    interval: float = 0.04
    frames: int = 48
    first: int = 14
    horizon: int = 4
    grid: int = 32
    zone: tuple[int, int] = (10, 21)
    seed: int = 6

    @property
    def highest(self) -> float:
        """The highest frequency of any source."""
        return BANDWIDTH * self.frequencies[1]

    @property
    def lines(self) -> np.ndarray:
        """The mesh's lines along a side, [cells + 1]."""
        return np.linspace(0.0, 1.0, self.cells + 1)

    @property
    def places(self) -> np.ndarray:
        """The grid's points along a side, [grid]: centres of equal cells."""
        return (np.arange(self.grid) + 0.5) / self.grid

    @property
    def steps(self) -> int:
        """Explicit time steps an interval: as few as are stable at the greatest speed anywhere."""
        limit = 2 / math.sqrt(STIFFEST) / (self.cells * max(1.0, self.speeds[1]))
        return math.ceil(self.interval / limit)

    @property
    def samples(self) -> int:
        """Samples a simulation, one for each frame from `first` on that has its whole horizon."""
        return self.frames - self.horizon - self.first


SIZES = {
    size.name: size
    for size in (
        Size("tiny", 8, cells=64, speeds=(0.8, 1.25), frequencies=(0.8, 1.3), interval=0.06, frames=30, first=10),
        Size("small", 24),
        Size("medium", 96),
        Size("large", 384),
    )
}


def get(name: str) -> Size:
    """The size called ``name``; refuses an unknown one with those there are."""
    if name not in SIZES:
        raise UserError(f"There is no size {name!r} of the wave data set: use one of {', '.join(SIZES)}.")
    return SIZES[name]
