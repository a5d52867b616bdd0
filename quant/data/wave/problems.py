"""Random problems: ellipses of another wave speed, Ricker pulses, and a kind for each side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quant.data.wave.assembly import ABSORBING, DIRICHLET, KINDS, NEUMANN, SIDES
from quant.data.wave.sizes import Size

WIDTH = 0.03
"""Standard deviation of a source in space: about one point of the nets' grid, so that they can see it."""
REFLECTION = {DIRICHLET: -1.0, NEUMANN: 1.0, ABSORBING: 0.0}
"""What a side sends back of a wave that meets it head on."""


@dataclass(frozen=True)
class Ellipse:
    """An inclusion: centre, semi-axes, angle of the first axis (radians), wave speed within."""

    centre: tuple[float, float]
    axes: tuple[float, float]
    angle: float
    speed: float

    def holds(self, at: np.ndarray) -> np.ndarray:
        """Whether the positions ``at`` [2, ...] lie within, bool [...]."""
        x, y = at[0] - self.centre[0], at[1] - self.centre[1]
        cosine, sine = np.cos(self.angle), np.sin(self.angle)
        return ((x * cosine + y * sine) / self.axes[0]) ** 2 + ((y * cosine - x * sine) / self.axes[1]) ** 2 <= 1


@dataclass(frozen=True)
class Source:
    """A Ricker pulse (Ricker 1953), spread in space as a Gaussian of width WIDTH and integral 1.

    Attributes:
        place: its centre.
        frequency: of its spectrum's peak.
        time: of its greatest value.
        amplitude: that value.
    """

    place: tuple[float, float]
    frequency: float
    time: float
    amplitude: float

    def density(self, at: np.ndarray) -> np.ndarray:
        """Its shape at the positions ``at`` [2, ...]."""
        distance = (at[0] - self.place[0]) ** 2 + (at[1] - self.place[1]) ** 2
        return np.exp(-distance / (2 * WIDTH**2)) / (2 * np.pi * WIDTH**2)

    def pulse(self, time: np.ndarray | float) -> np.ndarray:
        """Its strength at ``time``."""
        squared = (np.pi * self.frequency * (np.asarray(time) - self.time)) ** 2
        return self.amplitude * (1 - 2 * squared) * np.exp(-squared)

    def impulse(self, start: float, end: float) -> float:
        """The mean of its strength from ``start`` to ``end``."""
        first, last = (t * np.exp(-((np.pi * self.frequency * t) ** 2)) for t in (start - self.time, end - self.time))
        return float(self.amplitude * (last - first) / (end - start))


@dataclass(frozen=True)
class Problem:
    """A medium, its sources, and the kind of each side."""

    inclusions: tuple[Ellipse, ...]
    sources: tuple[Source, ...]
    sides: dict[str, str]

    def speed(self, at: np.ndarray) -> np.ndarray:
        """The wave speed at the positions ``at`` [2, ...]: 1, or that of the last inclusion that holds it."""
        speed = np.ones(np.shape(at)[1:])
        for inclusion in self.inclusions:
            speed[inclusion.holds(at)] = inclusion.speed
        return speed


def random_problem(size: Size, number: int) -> Problem:
    """Problem ``number`` of a data set; the same for the same seed, whatever the other problems."""
    random = np.random.default_rng([size.seed, number])
    inclusions = tuple(_ellipse(random, size) for _ in range(random.integers(1, 5)))
    sources = tuple(_source(random, size) for _ in range(random.integers(2, 5)))
    return Problem(inclusions, sources, {side: str(random.choice(KINDS)) for side in SIDES})


def _ellipse(random: np.random.Generator, size: Size) -> Ellipse:
    centre, axes = random.uniform(0.1, 0.9, 2), random.uniform(0.06, 0.2, 2)
    return Ellipse(
        (float(centre[0]), float(centre[1])), (float(axes[0]), float(axes[1])), float(random.uniform(0, np.pi)),
        float(random.uniform(*size.speeds)),
    )  # fmt: skip


def _source(random: np.random.Generator, size: Size) -> Source:
    place, frequency = random.uniform(0.1, 0.9, 2), float(random.uniform(*size.frequencies))
    # A pulse has faded to 2e-5 of its greatest value 1.2 periods before it: the field starts at rest.
    time = 1.2 / frequency + float(random.uniform(0.0, 0.8))
    amplitude = float(random.choice((-1.0, 1.0)) * random.uniform(0.5, 1.0))
    return Source((float(place[0]), float(place[1])), frequency, time, amplitude)
