"""The comparison for people: what came of each column, figure by figure, and where one leaves the graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rich.table import Table
from rich.text import Text

from codesign.compare.compare import Outcome

SHOWN = 6
"""Integers of the first frame's output that are shown."""


@dataclass(frozen=True)
class _Row:
    name: str
    cells: list[str]


def table(title: str, outcomes: Sequence[Outcome], expected: np.ndarray) -> Table:
    """A column for each back end; figures with their source.

    Args:
        title: of the table.
        outcomes: in the order of the columns.
        expected: the graph's outputs, int64 [N, *shape].
    """
    made = Table(title=Text(title, "table.title"), title_justify="left")
    made.add_column("what")
    made.add_column("integer graph")
    for outcome in outcomes:
        made.add_column(outcome.column.name)
    for row in _rows(outcomes, expected):
        made.add_row(row.name, *(Text(cell) for cell in row.cells))
    return made


def _rows(outcomes: Sequence[Outcome], expected: np.ndarray) -> Iterator[_Row]:
    yield _Row("executed", ["numpy, int64", *(o.column.runs for o in outcomes)])
    yield _Row("verdict", ["", *(o.verdict for o in outcomes)])
    yield _Row("wrong integers", [f"of {expected.size:,}", *(_mismatches(o) for o in outcomes)])
    yield _Row(
        "first frame's output", [_few(expected), *(_few(o.result.outputs if o.result else None) for o in outcomes)]
    )
    names = list(dict.fromkeys(f.what for o in outcomes if o.result for f in o.result.figures))
    for name in names:
        yield _Row(name, ["", *(_figure(o, name) for o in outcomes)])
    yield _Row("time (s)", ["", *(f"{o.seconds:.1f} (measured, this run)" for o in outcomes)])


def _mismatches(outcome: Outcome) -> str:
    result = outcome.result
    return f"{result.mismatches:,} of {result.integers:,}" if result else ""


def _few(outputs: np.ndarray | None) -> str:
    if outputs is None or not len(outputs):
        return ""
    flat = np.ravel(outputs[0])
    return " ".join(map(str, flat[:SHOWN])) + (" …" if flat.size > SHOWN else "")


def _figure(outcome: Outcome, name: str) -> str:
    figures = outcome.result.figures if outcome.result else ()
    found = next((figure for figure in figures if figure.what == name), None)
    return "" if found is None else f"{found.value:,.10g} ({found.source})"


def remarks(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """A sentence for each column that does not agree."""
    for o in outcomes:
        if o.error is not None:
            yield f"{o.column.name}: {o.error}"
        elif o.difference is not None:
            yield f"{o.column.name} first differs at {o.difference}"
        elif o.result is not None and not o.result.agrees:
            faults = "; ".join((*o.result.faults, *([o.unexplained] if o.unexplained else [])))
            yield f"{o.column.name} differs in {o.result.mismatches:,} integers: {faults}"
