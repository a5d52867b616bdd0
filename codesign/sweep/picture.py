"""The front as a picture, for a README or a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import ceil, isfinite, nan
from pathlib import Path
from typing import Any

from codesign.files import replacing
from codesign.sweep.figures import figure
from codesign.sweep.point import Row, Value
from codesign.sweep.sources import weakest
from codesign.sweep.study import Study

COLUMNS = 3
"""Panels beside each other, at most."""
PANEL = (3.5, 3.0)
"""Size of a panel in inches; at DPI dots an inch three of them are as wide as a README."""
DPI = 130
COLOURS = ("#0b62d6", "#d9700f", "#16855b", "#b5359a", "#7a6100", "#5a4fcf")
OTHERS = "#9aa5b4"
MARKS = {"measured": "o", "estimate": "D", "model": "o"}
MEANINGS = {"measured": "both figures measured", "estimate": "one is a yosys estimate", "model": "one is by a model"}
WIDE = 20
"""A positive figure whose largest value is more than this many times its smallest has a logarithmic scale."""


def write(path: Path, study: Study, rows: Sequence[Row]) -> None:
    """Write the picture of all points as PNG or SVG, by ``path``'s suffix, whole or not at all.

    A panel for each pair of objectives, and in it a colour for each value of the study's ``per``. The stairs are the
    best that feasible points reach in those two figures; large marks are on the front in all objectives; crosses are
    points that were stopped or miss a constraint. Equal rows give equal bytes.

    Raises:
        CodesignError: the file cannot be written.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    pairs = list(pairs_of(study.objectives, rows))
    wide = min(COLUMNS, len(pairs))
    deep = ceil(len(pairs) / wide)
    with matplotlib.rc_context({"svg.hashsalt": "sweep", "font.size": 9, "font.family": "DejaVu Sans"}):
        drawing = Figure(figsize=(wide * PANEL[0], deep * PANEL[1] + 0.6), layout="constrained", facecolor="white")
        FigureCanvasAgg(drawing)
        for place, (x, y) in enumerate(pairs):
            _panel(drawing.add_subplot(deep, wide, place + 1), study, rows, x, y)
        drawing.suptitle(study.name, fontsize=11, fontweight="bold", parse_math=False)
        drawing.legend(handles=_legend(study, rows), loc="outside lower center", ncols=4, fontsize=8, frameon=False)
        # without the date and the program's version the same rows give the same bytes
        metadata = {"Date": None, "Creator": None} if path.suffix == ".svg" else {"Software": None}
        with replacing(path) as temporary:
            drawing.savefig(temporary, dpi=DPI, metadata=metadata)


def pairs_of(objectives: Sequence[str], rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of objectives, what is paid (less is better) first; a single one goes over another figure."""
    if len(objectives) == 1:
        known = sorted({name for row in rows for name in row.figures if name != objectives[0]})
        other = next((name for name in ("latency_us", "lut", "interval") if name in known), (known or objectives)[0])
        yield other, objectives[0]
    for x, y in combinations(objectives, 2):
        yield (y, x) if figure(x).more and not figure(y).more else (x, y)


def stairs(rows: Sequence[Row], x: str, y: str) -> list[Row]:
    """Return the feasible rows that are best in the figures ``x`` and ``y`` alone, by ``x``; of equals one."""
    sign = {name: -1 if figure(name).more else 1 for name in (x, y)}
    best: list[Row] = []
    known = [row for row in rows if row.feasible and _known(row, x, y)]
    for row in sorted(known, key=lambda row: (sign[x] * row.figures[x], sign[y] * row.figures[y])):
        if not best or sign[y] * row.figures[y] < sign[y] * best[-1].figures[y]:
            best.append(row)
    return sorted(best, key=lambda row: row.figures[x])


def _panel(axes: Any, study: Study, rows: Sequence[Row], x: str, y: str) -> None:
    known = [row for row in rows if _known(row, x, y)]
    off = [row for row in known if not row.feasible]
    _points(axes, off, x, y, marker="x", s=9, color=OTHERS, alpha=0.5, linewidths=0.7)
    fronts = {id(row) for row in study.front([row for row in rows if _known(row, *study.objectives)])}
    for group, colour in _groups(study, rows).items():
        own = [row for row in known if row.feasible and row.point.get(study.per) == group]
        _points(axes, [row for row in own if id(row) not in fronts], x, y, s=7, color=colour, alpha=0.3, linewidths=0)
        line = stairs(own, x, y)
        style = "steps-pre" if figure(x).more else "steps-post"
        axes.plot(
            [r.figures[x] for r in line], [r.figures[y] for r in line], color=colour, linewidth=1, drawstyle=style
        )
        for kind, mark in MARKS.items():
            chosen = [row for row in own if id(row) in fronts and weakest(row.sources, (x, y)) == kind]
            face = "white" if kind == "model" else colour
            _points(axes, chosen, x, y, marker=mark, s=22, facecolor=face, edgecolor=colour, linewidths=1.1, zorder=3)
    for name, axis in ((x, "x"), (y, "y")):
        values = [row.figures[name] for row in known]
        if values and min(values) > 0 and max(values) > WIDE * min(values):
            axes.set(**{f"{axis}scale": "log"})
        unit = f" ({figure(name).unit})" if figure(name).unit else ""
        better = "more" if figure(name).more else "less"
        getattr(axes, f"set_{axis}label")(f"{name}{unit}, {better} is better", parse_math=False)
    axes.grid(True, color="#e5e9ee", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _points(axes: Any, rows: Sequence[Row], x: str, y: str, **style: Any) -> None:
    axes.scatter([row.figures[x] for row in rows], [row.figures[y] for row in rows], **style)


def _known(row: Row, *names: str) -> bool:
    return all(isfinite(row.figures.get(name, nan)) for name in names)


def _groups(study: Study, rows: Sequence[Row]) -> dict[Value | None, str]:
    """Return the values that have a front each, with their colours; None where there is one front."""
    values = dict.fromkeys(row.point.get(study.per) for row in rows) if study.per else [None]
    choices = study.axes[study.per].choices if study.per in study.axes else ()
    order = sorted(values, key=lambda value: choices.index(value) if value in choices else len(choices))
    return {value: COLOURS[place % len(COLOURS)] for place, value in enumerate(order)}


def _legend(study: Study, rows: Sequence[Row]) -> list[Any]:
    from matplotlib.lines import Line2D

    def entry(label: str, marker: str, colour: str, **more: Any) -> Any:
        style: dict[str, Any] = {"markersize": 5, "linestyle": "none", **more}
        return Line2D([], [], label=label, marker=marker, color=colour, **style)

    groups = _groups(study, rows)
    names = [f"front of {value}" if study.per else "on the front" for value in groups]
    fronts = [entry(name, "o", colour, linestyle="-") for name, colour in zip(names, groups.values(), strict=True)]
    dark = "#333a45"
    faces = {"model": "white"}
    kinds = [entry(MEANINGS[k], mark, dark, markerfacecolor=faces.get(k, dark)) for k, mark in MARKS.items()]
    off = [
        entry("off the front, hardware by models", "o", dark, alpha=0.35, markersize=3),
        entry("stopped early, or misses a constraint", "x", OTHERS),
    ]
    return [*fronts, *kinds, *off]
