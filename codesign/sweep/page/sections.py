"""The page's parts that don't move: the summary, what matters, the stages, the study's definition."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from codesign.sweep.page.matters import FEWEST, matters
from codesign.sweep.point import Row
from codesign.sweep.reasons import Passed, duration, passages
from codesign.sweep.study import Range, Study


def summary(study: Study, records: Sequence[Mapping[str, Any]]) -> str:
    """Return the tiles on top: how many points there are of each kind."""
    counts = Counter(record["status"] for record in records)
    tiles = [
        (len(records), "points judged", ""),
        (counts["front"], "on the front" + (f" of each {study.per}" if study.per else ""), "front"),
        (counts["front"] + counts["feasible"], "meet all constraints", "feasible"),
        (counts["missed"], "miss a constraint", "missed"),
        (counts["stopped"], "stopped early", "stopped"),
    ]
    return "".join(
        f'<div class="tile {kind}"><b>{count:,}</b><span>{escape(text)}</span></div>' for count, text, kind in tiles
    )


def importance(study: Study, rows: Sequence[Row]) -> str:
    """Return the table of what each axis matters to each objective, with bars."""
    shares = {name: matters(rows, list(study.axes), name) for name in study.objectives}
    told = {name: share for name, share in shares.items() if share is not None}
    lines = []
    if told:
        heads = "".join(f"<th>{escape(name)}</th>" for name in told)
        lines.append(f"<table class='bars'><thead><tr><th></th>{heads}</tr></thead><tbody>")
        for axis in sorted(study.axes, key=lambda axis: -max(share[axis] for share in told.values())):
            cells = "".join(_bar(share[axis]) for share in told.values())
            lines.append(f"<tr><th>{escape(axis)}</th>{cells}</tr>")
        lines.append("</tbody></table>")
    untold = [name for name, share in shares.items() if share is None]
    if untold:
        lines.append(
            f"<p class='note'>Nothing can be said of {escape(', '.join(untold))}: fewer than {FEWEST} points have a "
            "value, or all have the same.</p>"
        )
    return "\n".join(lines)


def _bar(share: float) -> str:
    return f"<td><div class='bar' style='--share:{100 * share:.1f}%'></div><span>{100 * share:.0f} %</span></td>"


def stages(rows: Sequence[Row]) -> str:
    """Return the table of stages: how many points went through each, how many it stopped and why, the time it took."""
    lines = [
        "<table class='stages'><thead><tr><th>stage</th><th>points</th><th>stopped there</th>"
        "<th>processor time</th><th>why</th></tr></thead><tbody>"
    ]
    lines += [_stage(passed, len(rows)) for passed in passages(rows)]
    return "\n".join([*lines, "</tbody></table>"])


def _stage(passed: Passed, everyone: int) -> str:
    why = "".join(f"<li><b>{count:,}</b> × {escape(text)}</li>" for text, count in passed.reasons)
    share = 100 * passed.reached / everyone if everyone else 0
    return (
        f"<tr><th>{escape(passed.stage)}</th><td><div class='bar' style='--share:{share:.1f}%'></div>"
        f"<span>{passed.reached:,}</span></td><td>{passed.stopped:,}</td><td>{duration(passed.seconds)}</td>"
        f"<td><ul>{why}</ul></td></tr>"
    )


def definition(study: Study, rows: Sequence[Row], made: datetime) -> str:
    """Return the study's definition as a table, with when the page was made and by which code."""
    facts: list[tuple[str, str]] = [("model", study.model), ("data", str(study.data or "the model's own"))]
    facts += [(f"axis {name}", spell(range_)) for name, range_ in study.axes.items()]
    facts += [(f"fixed {name}", str(value)) for name, value in study.fixed.items()]
    facts += [
        ("objectives", ", ".join(study.objectives)),
        ("constraints", ", ".join(["fits its board", *map(str, study.constraints)])),
        ("a front for each", study.per or "-"),
        ("sampler", f"{study.sampler}, seed {study.seed}"),
        ("points", f"{len(rows):,} judged of {study.trials if study.trials is not None else 'the whole grid'}"),
    ]
    for title, plan in (("training", study.training), ("verification", study.verify)):
        facts.append((title, ", ".join(f"{f.name} {getattr(plan, f.name)}" for f in fields(plan))))
    facts += [("page made", made.strftime("%Y-%m-%d %H:%M UTC")), ("by", code())]
    return "".join(f"<tr><th>{escape(what)}</th><td>{escape(value)}</td></tr>" for what, value in facts)


def spell(values: Range) -> str:
    """Return an axis's values in words."""
    if values.choices:
        return ", ".join(map(str, values.choices))
    step = f" in steps of {values.step:g}" if values.step else ""
    return f"{values.low:g} to {values.high:g}{step}{', logarithmic' if values.log else ''}"


def code() -> str:
    """Return which code this is: the package's version, and the commit where it runs from a repository."""
    try:
        name = f"codesign {version('codesign')}"
    except PackageNotFoundError:
        name = "codesign"
    here = Path(__file__)
    told: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 10, "check": True}
    try:
        git = ["git", "-C", str(here.parent)]
        # installed below another project's repository, the commit would be that one's
        subprocess.run([*git, "ls-files", "--error-unmatch", here.name], **told)
        commit = subprocess.run([*git, "describe", "--always", "--dirty", "--abbrev=12"], **told).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return name
    return f"{name}, commit {commit}"
