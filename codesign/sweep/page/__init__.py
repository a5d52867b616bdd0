"""A study's page: one HTML file with everything in it, which asks nothing of the network."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template

from codesign.files import write_text
from codesign.sweep.page import sections
from codesign.sweep.page.content import content
from codesign.sweep.point import Row
from codesign.sweep.study import Study

HERE = Path(__file__).parent
SCRIPTS = ("data.js", "filters.js", "card.js", "scatter.js", "parallel.js", "table.js", "main.js")


def write(path: Path, study: Study, rows: Sequence[Row], command: Callable[[Row], str] | None = None) -> None:
    """Write the page of ``rows``, whole or not at all.

    Args:
        path: of the file; 5 MB, most of which is plotly.js, and about 1 kB a point.
        study: that they belong to.
        rows: what is known of each point; figures may be missing.
        command: of a point, what rebuilds it; where None the points have no such command on the page.

    Raises:
        CodesignError: the file cannot be written.
    """
    from plotly.offline import get_plotlyjs

    data = content(study, rows, command)
    template = Template((HERE / "template.html").read_text(encoding="utf-8"))
    text = template.substitute(
        title=escape(study.name),
        style=(HERE / "style.css").read_text(encoding="utf-8"),
        summary=sections.summary(study, data["rows"]),
        importance=sections.importance(study, rows),
        stages=sections.stages(rows),
        definition=sections.definition(study, rows, datetime.now(UTC)),
        data=script_json(data),
        plotly=get_plotlyjs(),
        script="\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS),
    )
    write_text(path, text)


def script_json(value: object) -> str:
    """Return JSON that nothing in it can end a <script> element with."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
