"""Design points and what is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from codesign.sweep.figures import figure

Value = int | float | str
Point = Mapping[str, Value]
"""A value for every axis of a study."""
STAGES = ("estimate", "train", "model", "simulate", "synthesize")
"""What a point goes through, the cheap before the dear."""


@dataclass(frozen=True)
class Row:
    """What is known of a design point.

    Attributes:
        point: its values.
        figures: by the names of ``codesign.sweep.figures``.
        sources: of each figure: ``model``, ``measured``, ``measured (RTL)``, ``yosys estimate``.
        stage: the last stage that it went through.
        stopped: why it went no further, in a sentence; empty where it did.
        violations: of each constraint that it misses, by how much, relative to the limit (> 0).
        decisions: what each stage decided, in a few words, by the stage's name.
        seconds: processor time of each stage; next to nothing where the result was there already.
        slot: its number in the study.
    """

    point: Point
    figures: Mapping[str, float]
    sources: Mapping[str, str]
    stage: str
    stopped: str = ""
    violations: Mapping[str, float] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    slot: int = -1

    @property
    def feasible(self) -> bool:
        """Whether it went through all stages that a point goes through before the front is known, and met all."""
        return not self.stopped and not self.violations


def losses(row: Row, objectives: Sequence[str]) -> tuple[float, ...]:
    """Return the objectives' figures such that less is better."""
    return tuple(-row.figures[name] if figure(name).more else row.figures[name] for name in objectives)


def dominates(a: Sequence[float], b: Sequence[float]) -> bool:
    """Whether losses ``a`` are nowhere worse than ``b`` and somewhere better."""
    return all(x <= y for x, y in zip(a, b, strict=True)) and any(x < y for x, y in zip(a, b, strict=True))


def front(rows: Iterable[Row], objectives: Sequence[str], per: str = "") -> list[Row]:
    """Return the feasible rows that no other feasible one dominates, in their order; of equals all.

    Args:
        rows: what is known.
        objectives: names of figures.
        per: an axis whose values have a front each; empty: one front.
    """
    feasible = [row for row in rows if row.feasible]
    groups: dict[Value | None, list[int]] = {}
    for place, row in enumerate(feasible):
        groups.setdefault(row.point.get(per), []).append(place)
    best = set[int]()
    for places in groups.values():
        values = np.array([losses(feasible[place], objectives) for place in places], np.float64)
        best |= {places[index] for index in undominated(values)}
    return [row for place, row in enumerate(feasible) if place in best]


def undominated(values: np.ndarray) -> list[int]:
    """Return which rows of ``values`` (losses, float64 [points, objectives]) no other dominates, of equals all.

    In lexicographic order whatever dominates a row comes before it, so each is compared with those that are kept alone.
    """
    kept, indices = np.empty_like(values), list[int]()
    for index in np.lexsort(values.T[::-1]):
        mine, ahead = values[index], kept[: len(indices)]
        if not ((ahead <= mine).all(axis=1) & (ahead < mine).any(axis=1)).any():
            kept[len(indices)] = mine
            indices.append(int(index))
    return indices
