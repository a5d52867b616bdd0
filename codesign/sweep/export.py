"""Every point of a study as CSV and as JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from io import StringIO
from math import isfinite
from pathlib import Path
from typing import Any

from codesign.files import write_text
from codesign.sweep.figures import FIGURES
from codesign.sweep.point import STAGES, Row
from codesign.sweep.study import Study

Command = Callable[[Row], str]


def write_jsonl(path: Path, study: Study, rows: Sequence[Row], command: Command) -> None:
    """Write a line of JSON for each point, by slot, whole or not at all; an unknown figure is not there."""
    best = _best(study, rows)
    lines = (json.dumps(_record(study, row, row.slot in best, command), allow_nan=False) for row in _sorted(rows))
    write_text(path, "".join(f"{line}\n" for line in lines))


def write_csv(path: Path, study: Study, rows: Sequence[Row], command: Command) -> None:
    """Write a line of CSV for each point, by slot, whole or not at all.

    Columns: ``slot``, the axes, each figure and beside it its source, ``stage``, ``feasible``, ``front``, ``stopped``,
    ``violations``, the seconds of each stage, ``command``. What is unknown is empty.
    """
    best = _best(study, rows)
    records = [_record(study, row, row.slot in best, command) for row in _sorted(rows)]
    known = [name for name in FIGURES if any(name in record["figures"] for record in records)]
    columns = [column for name in known for column in (name, f"{name} source")]
    plain = ("stage", "feasible", "front", "stopped", "violations")
    text = StringIO()
    writer = csv.DictWriter(
        text,
        ["slot", *study.axes, *columns, *plain, *(f"{stage} seconds" for stage in STAGES), "command"],
        lineterminator="\n",
    )
    writer.writeheader()
    for record in records:
        figures = {name: each["value"] for name, each in record["figures"].items()}
        sources = {f"{name} source": each["source"] for name, each in record["figures"].items()}
        violations = "; ".join(f"{name} by {100 * by:.4g} %" for name, by in record["violations"].items())
        seconds = {f"{stage} seconds": value for stage, value in record["seconds"].items()}
        rest = {name: record[name] for name in ("slot", "stage", "feasible", "front", "stopped", "command")}
        point = {name: record["point"][name] for name in study.axes}
        writer.writerow({**point, **figures, **sources, **rest, "violations": violations, **seconds})
    write_text(path, text.getvalue())


def _sorted(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.slot)


def _best(study: Study, rows: Sequence[Row]) -> set[int]:
    return {row.slot for row in study.front(rows)}


def _record(study: Study, row: Row, best: bool, command: Command) -> dict[str, Any]:
    known = {name: value for name, value in row.figures.items() if isfinite(value)}
    return {
        "slot": row.slot,
        "point": {**study.fixed, **row.point},
        "figures": {name: {"value": value, "source": row.sources.get(name, "")} for name, value in known.items()},
        "stage": row.stage,
        "feasible": study.feasible(row),
        "front": best,
        "stopped": row.stopped,
        "violations": dict(row.violations),
        "decisions": dict(row.decisions),
        "seconds": {name: round(value, 6) for name, value in row.seconds.items()},
        "command": command(row),
    }
