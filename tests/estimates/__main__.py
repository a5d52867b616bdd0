"""``python -m tests.estimates``: measure what is missing and write docs/estimates.{json,md,svg}."""

from __future__ import annotations

import click

from codesign.cli.terminal import output
from tests.estimates import report
from tests.estimates.grid import all_configurations
from tests.estimates.measurements import Measurements, measure, prune


@click.command()
@click.option("--kernel", "kinds", multiple=True, help="Only these kernels; their class names.")
@click.option("--designs/--no-designs", "whole", default=True, help="Whole designs too.", show_default=True)
def calibrate(kinds: tuple[str, ...], whole: bool) -> None:
    """Synthesize what is not known of the kernels' grids and of whole designs, and write the errors down."""
    wanted, known = list(all_configurations()), Measurements.load()

    def said(line: str) -> None:
        output().print(line, highlight=False)

    measure([c for c in wanted if not kinds or c.kind in kinds], known, said)
    prune(known, wanted)
    if whole:
        from tests.estimates import designs  # imports torch

        designs.measure(known, said)
    known.save()
    report.write(known)
    said("docs/estimates.json, docs/estimates.md and docs/estimates.svg are written")


if __name__ == "__main__":
    calibrate()
