"""Constraints that nothing meets: which of them kills how many points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from codesign.sweep.figures import FIGURES
from codesign.sweep.point import Row
from codesign.sweep.study import Constraint, Study

FITS = "fits the board"


def missed(row: Row, study: Study, limits: Sequence[Constraint] = ()) -> dict[str, float]:
    """Return the constraints that ``row`` misses, as far as its figures are known, and by how much of the limit.

    Args:
        row: of the study.
        study: whose constraints count.
        limits: more of them.
    """
    values = {str(c): c.violation(row.figures[c.figure]) for c in limits if c.figure in row.figures}
    found = {**row.violations, **study.violations(row.figures), **values}
    return {name: by for name, by in found.items() if by > 0}


def unmet(study: Study, rows: Iterable[Row], limits: Sequence[Constraint] = ()) -> str:
    """Return a sentence for where no row meets all: how many miss each constraint, and the best value that was seen."""
    judged = list(rows)
    if not judged:
        return f"No point of the study {study.name} has been judged yet."
    misses = [missed(row, study, limits) for row in judged]
    told = [_told(c, judged, misses) for c in (*study.constraints, *limits)]
    none = sum(FITS in each for each in misses)
    if none:
        least = min((row.figures["share"] for row in judged if "share" in row.figures), default=None)
        best = f" (the smallest takes {100 * least:.4g} % of its scarcest resource)" if least is not None else ""
        told.append(f"{_count(none)} not fit the board{_alone(FITS, misses)}{best}")
    others = sum(1 for row, each in zip(judged, misses, strict=True) if row.stopped and not each)
    if others:
        told.append(f"{others} met what is known of them and were stopped for another reason")
    killing = [sentence for sentence in told if sentence]
    reasons = "; ".join(killing) or "each constraint is met by some point, and all of them by none"
    return f"None of the {len(judged)} points meets all that is asked for: {reasons}."


def _told(c: Constraint, rows: Sequence[Row], misses: Sequence[dict[str, float]]) -> str:
    known = [row.figures[c.figure] for row in rows if c.figure in row.figures]
    count = sum(str(c) in each for each in misses)
    if not known:
        return f"{c} is not known of any"
    best = max(known) if c.at_least else min(known)
    of = "" if len(known) == len(rows) else f" of {len(known)} that got so far"
    return f"{c} is missed by {count}{of}{_alone(str(c), misses)} (best: {said(c.figure, best)})" if count else ""


def _alone(name: str, misses: Sequence[dict[str, float]]) -> str:
    """How many points miss nothing but ``name``."""
    count = sum(set(each) == {name} for each in misses)
    return f", by {count} of them alone" if count else ""


def _count(number: int) -> str:
    return f"{number} does" if number == 1 else f"{number} do"


def said(figure: str, value: float) -> str:
    """Return a figure's value with its unit, for people."""
    unit = FIGURES[figure].unit
    return f"{value:,.6g} {unit}".strip() if value < 1e6 else f"{value:,.0f} {unit}".strip()
