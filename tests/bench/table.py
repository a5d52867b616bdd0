"""A run as a table: in the terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.table import Table

from tests.bench.figures import Figure
from tests.bench.runs import Run

COLUMNS = ("what", "value", "source", "asked", "before")
Earlier = Mapping[tuple[str, str], float]


def rows(name: str, figures: list[Figure], before: Earlier) -> Iterator[tuple[str, ...]]:
    """The cells of one benchmark's figures, as COLUMNS."""
    for figure in figures:
        last = before.get((name, figure.what))
        yield figure.what, f"{shown(figure.value)} {figure.unit}", figure.source, asked(figure), _change(figure, last)


def asked(figure: Figure) -> str:
    """What is asked, and whether it holds."""
    bounds = [("≥", figure.at_least), ("≤", figure.at_most)]
    text = " and ".join(f"{sign} {shown(bound)}" for sign, bound in bounds if bound is not None)
    return f"{text}: {'yes' if figure.holds else 'NO'}" if text else ""


def shown(value: float) -> str:
    """A number with thousands apart and three digits at least."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _change(figure: Figure, last: float | None) -> str:
    if last is None:
        return ""
    change = f" ({(figure.value - last) / last:+.1%})" if last and figure.value != last else ""
    return shown(last) + change


def terminal(titles: Mapping[str, str], run: Run, before: Earlier) -> Table:
    """The run for the terminal; what is asked and does not hold in red."""
    table = Table(*COLUMNS, title=f"{run.commit}, {run.started}, {run.machine}", title_justify="left")
    for name, figures in run.figures.items():
        table.add_section()
        table.add_row(titles[name], style="bold")
        for figure, row in zip(figures, rows(name, figures, before), strict=True):
            table.add_row(*row, style=None if figure.holds else "red")
        if name in run.failed:
            table.add_row(run.failed[name], style="red")
    return table


def markdown(titles: Mapping[str, str], run: Run, before: Earlier) -> str:
    """The run as Markdown."""
    lines = [f"# Benchmark of {run.commit}", "", f"{run.started}, {run.machine}."]
    for name, figures in run.figures.items():
        lines += ["", f"## {titles[name]}", "", f"{run.seconds.get(name, 0):.0f} s.", ""]
        lines += [f"| {' | '.join(COLUMNS)} |", "| --- " * len(COLUMNS) + "|"]
        lines += [f"| {' | '.join(row)} |" for row in rows(name, figures, before)]
        if name in run.failed:
            lines += ["", f"Failed: {run.failed[name]}"]
    return "\n".join(lines) + "\n"
