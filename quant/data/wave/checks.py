"""What cannot be simulated is refused, each in one sentence, before anything is computed or learned from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from codesign.errors import UserError

POINTS_PER_WAVELENGTH = 10
"""Nodes that the shortest wavelength must have: the phase error of linear elements is then about 1.6 % a wavelength."""


def positive(what: str, value: float) -> None:
    """Refuse a ``value`` that is not a positive finite number."""
    if not (math.isfinite(value) and value > 0):
        raise UserError(f"The {what} is {value:g}: it must be positive and finite.")


def finite(what: str, values: ArrayLike) -> np.ndarray:
    """Return ``values``, unless one of them is not finite."""
    values = np.asarray(values)
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        index = tuple(bad[0].tolist())
        raise UserError(
            f"The {what} at index {index} is {values[index]}: it must be finite; {len(bad)} value(s) are not."
        )
    return values


def speeds(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the wave speeds ``values`` [...] at the positions ``at`` [2, ...], unless one is not positive."""
    bad = np.argwhere(~(np.isfinite(values) & (values > 0)))
    if len(bad):
        first = tuple(bad[0])
        place = ", ".join(f"{p[first]:.3g}" for p in at)
        raise UserError(f"The wave speed is {values[first]:g} at ({place}): it must be positive and finite everywhere.")
    return values


def sides(kinds: Mapping[str, str], names: Sequence[str], known: Sequence[str]) -> None:
    """Refuse sides that are missing, or of no known kind."""
    for name in names:
        if kinds.get(name) not in known:
            raise UserError(f"The {name} side is {kinds.get(name)!r}: it must be one of {', '.join(known)}.")


def resolved(spacing: float, speed: float, frequency: float) -> None:
    """Refuse a mesh whose nodes lie too far apart for the wavelength of ``frequency`` at the least ``speed``."""
    wavelength = speed / frequency
    most = wavelength / POINTS_PER_WAVELENGTH
    if spacing > most * (1 + 1e-9):
        raise UserError(
            f"The mesh size {spacing:.4g} is too coarse for the wavelength {wavelength:.4g} (speed {speed:g}, "
            f"frequency {frequency:g}), {wavelength / spacing:.1f} points each: it must be at most {most:.4g} "
            f"({POINTS_PER_WAVELENGTH} points); refine the mesh or lower the frequency."
        )


def stable(step: float, limit: float) -> None:
    """Refuse an explicit time ``step`` above the ``limit``."""
    if step > limit * (1 + 1e-9):
        raise UserError(
            f"The time step {step:.4g} is unstable with explicit steps on this mesh: it must be at most {limit:.4g} (2 "
            f"over the highest frequency of the mesh); take a smaller one, or implicit steps."
        )


def inside(low: tuple[float, float], high: tuple[float, float]) -> None:
    """Refuse a zone that is empty or leaves the unit square."""
    if not all(0 <= a < b <= 1 for a, b in zip(low, high, strict=True)):
        raise UserError(
            f"The zone from {_point(low)} to {_point(high)} must lie in the domain from (0, 0) to (1, 1), and not be "
            f"empty: choose other corners."
        )


def _point(p: tuple[float, float]) -> str:
    return f"({p[0]:g}, {p[1]:g})"
