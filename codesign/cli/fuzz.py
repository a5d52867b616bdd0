"""``codesign fuzz``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from codesign.cli.terminal import output
from codesign.errors import VerificationFailed
from codesign.fuzz import campaign, trial
from codesign.fuzz.recipe import Recipe
from codesign.fuzz.trial import Outcome, Verdict


@click.command()
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Seed of the first network; one more for each.",
)
@click.option("--count", type=click.IntRange(min=1), default=100, show_default=True, help="How many networks.")
@click.option(
    "--stop-step", type=click.Choice(trial.STOPS), default="simulate", show_default=True, help="Last step of each."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Networks at once.  [default: all cores]")
@click.option(
    "--output-dir",
    "-o",
    type=click.Path(path_type=Path),
    default=Path("build/fuzz"),
    show_default=True,
    help="Where failures go.",
)
@click.option("--case", type=click.Path(path_type=Path), help="Run a saved case again, and nothing else.")
def fuzz(seed: int, count: int, stop_step: str, jobs: int | None, output_dir: Path, case: Path | None) -> None:
    """Take random networks through the whole path and compare every integer.

    A network passes, or is refused with node, reason and remedy. What differs, hangs or breaks is shrunk to the
    smallest network that still fails, and saved: as a case for --case, as ONNX, and with what was said. Exit status 4
    if anything failed.
    """
    console = output()
    if case is not None:
        outcome = trial.run(Recipe.load(case), stop_step)
        console.print(f"{case}: {outcome.verdict} {outcome.step}\n{outcome.message}", highlight=False, markup=False)
        sys.exit(VerificationFailed.exit_status if outcome.failed else 0)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("networks", total=count)

        def progress(number: int, outcome: Outcome) -> None:
            bar.advance(task)
            if outcome.failed:
                bar.console.print(f"seed {number}: {outcome.verdict} in {outcome.step}", highlight=False)

        seeds = range(seed, seed + count)
        summary = campaign.run(seeds, stop_step, output_dir, jobs or os.cpu_count() or 1, progress)
    for verdict in Verdict:
        console.print(f"{verdict:<10} {summary.verdicts[verdict]:>6}", highlight=False)
    for remedy, number in summary.refusals.most_common():
        console.print(f"  refused {number:>4}: {remedy}", highlight=False, markup=False)
    if summary.failures:
        raise VerificationFailed(
            f"{summary.failures} of {count} networks failed; the smallest that still do are in {output_dir}: "
            f"run one again with --case {summary.saved[0]}."
        )
