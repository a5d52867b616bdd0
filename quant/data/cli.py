"""`data`: the data sets that are made here."""

from __future__ import annotations

from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from quant.requirements import require_finite_elements


@click.group()
def data() -> None:
    """Make a data set."""


@data.command()
@click.option("--size", default="medium", show_default=True, help="tiny, small, medium or large.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write to; in the cache, where trainings look, if left out.",
)  # fmt: skip
def wave(size: str, output: Path | None) -> None:
    """Simulate waves by finite elements; what is there already, and whole, is left as it is."""
    require_finite_elements()
    from quant.data.wave import sizes, storage

    chosen = sizes.get(size)
    columns = (TextColumn("simulations"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("", total=chosen.simulations)
        folder = storage.make(chosen, output, lambda _: progress.advance(task))
    click.echo(f"{chosen.simulations} simulations of {chosen.frames} frames in {folder}.")
