"""The choice of one design of a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codesign.errors import UserError
from codesign.sweep.figures import FIGURES, figure
from codesign.sweep.names import unknown
from codesign.sweep.point import Row, losses
from codesign.sweep.study import Constraint, Study
from codesign.sweep.unmet import missed, said, unmet


@dataclass(frozen=True)
class Wanted:
    """What a design must be.

    Attributes:
        limits: besides the study's constraints.
        by: the figure that the best is chosen by; empty: the first objective that ``limits`` do not speak of.
        board: only this one; empty: any.
        slot: exactly this point; None: the best.
    """

    limits: tuple[Constraint, ...] = ()
    by: str = ""
    board: str = ""
    slot: int | None = None


@dataclass(frozen=True)
class Choice:
    """A design, and in a sentence why it."""

    row: Row
    why: str


def choose(study: Study, rows: Sequence[Row], wanted: Wanted) -> Choice:
    """Return the best row that meets all; of equals the one with the better objectives in the study's order.

    Raises:
        UserError: none does: which limit kills how many, and the nearest one. Or there is no such slot or figure.
    """
    if wanted.slot is not None:
        return _given(study, rows, wanted)
    by = wanted.by or _first(study, wanted.limits)
    if by not in FIGURES:
        raise unknown(by, "figure", FIGURES)
    if by.startswith("test_"):
        raise UserError(f"The figure {by} is of the test half, which nothing is chosen by: choose by {by[5:]}.")
    if wanted.board:
        rows = [row for row in rows if _board(study, row) == wanted.board]
        if not rows:
            raise UserError(f"The study {study.name} has no point on {wanted.board}.")
    whole = [row for row in rows if study.feasible(row)]
    meeting = [row for row in whole if _known(row, wanted.limits) and not missed(row, study, wanted.limits)]
    if not meeting:
        raise UserError(unmet(study, whole or rows, wanted.limits) + _nearest(study, whole, wanted.limits))
    if absent := [row for row in meeting if by not in row.figures]:
        raise UserError(f"The figure {by} is not known of point {absent[0].slot}: choose by another.")
    order = (by, *study.objectives)
    row = min(meeting, key=lambda row: (losses(row, order), row.slot))
    extreme = "highest" if figure(by).more else "lowest"
    points = f"the {len(meeting)} points that meet" if len(meeting) > 1 else "the one point that meets"
    among = f"{points} {_listed(study, wanted)}"
    return Choice(row, f"Point {row.slot} has the {extreme} {by}, {said(by, row.figures[by])}, of {among}.")


def _given(study: Study, rows: Sequence[Row], wanted: Wanted) -> Choice:
    row = next((row for row in rows if row.slot == wanted.slot), None)
    if row is None:
        raise UserError(f"The study {study.name} has no judged point {wanted.slot}.")
    if row.stopped:
        raise UserError(f"Point {row.slot} went no further than the stage {row.stage}: {row.stopped}")
    if wanted.board and _board(study, row) != wanted.board:
        raise UserError(f"Point {row.slot} is on {_board(study, row)}, not on {wanted.board}: leave --board out.")
    off = missed(row, study, wanted.limits)
    note = f" It misses {', '.join(f'{name} by {100 * by:.3g} %' for name, by in off.items())}." if off else ""
    return Choice(row, f"Point {row.slot} was asked for.{note}")


def _known(row: Row, limits: Sequence[Constraint]) -> bool:
    """Whether ``row`` has all figures that ``limits`` speak of: what is not known meets no limit."""
    return all(c.figure in row.figures for c in limits)


def _first(study: Study, limits: Sequence[Constraint]) -> str:
    """The first objective without a limit of its own; the first where all have one."""
    limited = {c.figure for c in limits}
    return next((name for name in study.objectives if name not in limited), study.objectives[0])


def _board(study: Study, row: Row) -> str:
    return str(row.point.get("board", study.fixed.get("board", "pynq_z2")))


def _listed(study: Study, wanted: Wanted) -> str:
    told = [str(c) for c in (*wanted.limits, *study.constraints)] + ([f"board {wanted.board}"] if wanted.board else [])
    return ", ".join(told) or "the study's constraints"


def _nearest(study: Study, whole: Sequence[Row], limits: Sequence[Constraint]) -> str:
    """The row that misses least, summed over the limits, each relative to itself."""
    known = [row for row in whole if _known(row, limits)]
    if not known or not limits:
        return ""
    row = min(known, key=lambda row: (sum(missed(row, study, limits).values()), row.slot))
    off = missed(row, study, limits)
    values = {str(c): said(c.figure, row.figures[c.figure]) for c in limits if c.figure in row.figures}
    told = ", ".join(f"{name} by {100 * by:.3g} % (it has {values[name]})" for name, by in off.items())
    return f" The nearest is point {row.slot}, which misses {told}."
