"""What the page's script works on: columns, and a row of values for each point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

from codesign.sweep.figures import FIGURES
from codesign.sweep.point import Row, Value
from codesign.sweep.sources import SIGNS, kind
from codesign.sweep.study import Study


def content(study: Study, rows: Sequence[Row], command: Callable[[Row], str] | None) -> dict[str, Any]:
    """Return the page's data in JSON's types.

    ``columns`` are the slot, the axes and the figures that any row has, the objectives first. Each of ``rows`` holds
    ``values`` in that order (None: unknown), ``sources`` of the same length, and what became of it; ``kinds`` says of
    each source how far it can be trusted.
    """
    names = [*study.objectives, *(name for name in FIGURES if name not in study.objectives)]
    known = [name for name in names if any(name in row.figures for row in rows)]
    axes = list(study.axes)
    on_front = {id(row) for row in known_front(study, rows)}
    columns = [{"name": "slot", "kind": "slot", "unit": "", "better": 0, "meaning": "its number", "objective": False}]
    columns += [_axis(name, [*study.axes[name].choices, *(row.point.get(name) for row in rows)]) for name in axes]
    columns += [_figure(name, name in study.objectives) for name in known]
    records = [
        {
            "values": [
                row.slot if row.slot >= 0 else index,
                *(_plain(row.point.get(name)) for name in axes),
                *(_plain(row.figures.get(name)) for name in known),
            ],
            "sources": [""] * (1 + len(axes)) + [row.sources.get(name, "") for name in known],
            "status": status(row, id(row) in on_front),
            "stage": row.stage,
            "stopped": row.stopped,
            "missed": [f"{name} (by {100 * by:.3g} %)" for name, by in row.violations.items()],
            "decisions": dict(row.decisions),
            "seconds": sum(row.seconds.values()),
            "command": command(row) if command else "",
        }
        for index, row in enumerate(rows)
    ]
    kinds = {source: kind(source) for row in rows for source in row.sources.values()}
    whole = {"name": study.name, "per": study.per, "columns": columns, "rows": records}
    return {**whole, "kinds": kinds, "signs": SIGNS}


def known_front(study: Study, rows: Sequence[Row]) -> list[Row]:
    """Return the front of those rows whose objectives are all known."""
    return study.front(
        [row for row in rows if all(isfinite(row.figures.get(o, float("nan"))) for o in study.objectives)]
    )


def status(row: Row, on_front: bool) -> str:
    """Return in one word what became of ``row``."""
    if on_front:
        return "front"
    return "feasible" if row.feasible else "stopped" if row.stopped else "missed"


def _axis(name: str, values: Sequence[Value | None]) -> dict[str, Any]:
    """Return an axis's column; ``categories`` are its values where they are not all numbers."""
    column = {"name": name, "kind": "axis", "unit": "", "better": 0, "meaning": "an axis of the study"}
    words = any(isinstance(value, str) for value in values)
    categories = list(dict.fromkeys(str(value) for value in values if value is not None)) if words else None
    return {**column, "objective": False, **({"categories": categories} if words else {})}


def _figure(name: str, objective: bool) -> dict[str, Any]:
    figure = FIGURES[name]
    better = 1 if figure.more else -1
    kind = {"name": name, "kind": "figure", "unit": figure.unit, "better": better}
    return {**kind, "meaning": figure.meaning, "objective": objective}


def _plain(value: Value | None) -> Value | None:
    """Return ``value`` as JSON knows it: what is no finite number is unknown."""
    if value is None or isinstance(value, str):
        return value
    number = float(value)
    return (int(number) if number.is_integer() else number) if isfinite(number) else None
