"""``codesign report``."""

from __future__ import annotations

from pathlib import Path

import click

from codesign.build import BACKENDS
from codesign.cli.terminal import output
from codesign.compare.compare import REPORT as COMPARISON
from codesign.errors import UserError
from codesign.report import finn, hls4ml, summary
from codesign.report.page import write_page
from codesign.report.summary import Summary

READ = {"own": summary.DESIGN, "finn": finn.CONVERSION, "hls4ml": hls4ml.PRECISION}
"""What a back end's page needs at least, which one of its steps makes."""


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
def report(directory: Path) -> None:
    """Summarize the build in DIRECTORY here, and write its page ``report/index.html``."""
    console = output()
    if finn.is_finns(directory):
        console.print(finn.table(directory))
        return
    try:
        if hls4ml.is_hls4mls(directory):
            console.print(hls4ml.table(directory))
            console.print(hls4ml.precision_table(directory))
            return
        if not (directory / summary.DESIGN / "design.json").exists():
            raise _nothing(directory)
        read = Summary.read(directory)
        console.print(read.table())
        path = write_page(read)
    except KeyError as missing:
        raise UserError(
            f"The reports in {directory} lack {missing}: another version wrote them; run codesign build again."
        ) from missing
    console.print(f"The dataflow graph, cycles and resources per kernel as pictures: {path}")


def _nothing(directory: Path) -> UserError:
    """What to say of a folder that no page can be made of."""
    if (directory / COMPARISON).is_file():
        return UserError(
            f"{directory} is a comparison's folder, not a build's: its {COMPARISON} has what codesign compare showed; "
            f"give codesign report the folder of a codesign build."
        )
    steps = {name: next(step.name for step in BACKENDS[name] if needed in step.makes) for name, needed in READ.items()}
    reached = " or ".join(f"{step} (--backend {name})" for name, step in steps.items())
    return UserError(
        f"{directory} holds nothing to report yet: it must be the folder of a build that has reached the step "
        f"{reached}; run codesign build first."
    )
