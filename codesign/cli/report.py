"""``codesign report``."""

from __future__ import annotations

from pathlib import Path

import click

from codesign.cli.terminal import output
from codesign.errors import UserError
from codesign.report import finn
from codesign.report.page import write_page
from codesign.report.summary import Summary


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
def report(directory: Path) -> None:
    """Summarize the build in DIRECTORY here, and write its page ``report/index.html``."""
    console = output()
    if finn.is_finns(directory):
        console.print(finn.table(directory))
        return
    summary = Summary.read(directory)
    try:
        console.print(summary.table())
        path = write_page(summary)
    except KeyError as missing:
        raise UserError(
            f"The reports in {directory} lack {missing}: another version wrote them; run codesign build again."
        ) from missing
    console.print(f"The dataflow graph, cycles and resources per kernel as pictures: {path}")
