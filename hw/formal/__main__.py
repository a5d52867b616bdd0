"""``python -m hw.formal [NAME ...]``: prove the handshakes; with ``--mutate``, see the proofs find mistakes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from codesign.errors import CodesignError, UserError, VerificationFailed
from codesign.files import write_json
from hw.formal import proofs
from hw.formal.proof import Proof
from hw.formal.prover import Result, mutate, prove
from hw.synth import sby


def selected(names: tuple[str, ...]) -> list[Proof]:
    """The proofs of those names, all where there is none.

    Raises:
        UserError: there is no proof of a name.
    """
    found = proofs()
    if unknown := [name for name in names if name not in found]:
        raise UserError(f"There is no proof named {unknown[0]!r}: choose from {', '.join(found)}")
    return [found[name] for name in names or found]


def work(chosen: list[Proof], folder: Path, mistakes: bool) -> list[Callable[[], Result]]:
    """Everything to do: a proof a case, or a mutation each."""
    if mistakes:
        return [partial(mutate, proof, mutation, folder) for proof in chosen for mutation in proof.mutations]
    return [partial(prove, proof, case, folder) for proof in chosen for case in range(len(proof.cases))]


def results(tasks: list[Callable[[], Result]], jobs: int) -> Iterator[Result]:
    """Do the work, ``jobs`` at a time; results come as they are ready."""
    with ThreadPoolExecutor(jobs) as pool:
        waiting = [pool.submit(task) for task in tasks]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            for left in waiting:
                left.cancel()


def table(found: list[Result], mistakes: bool) -> Table:
    """A line a proof, or a line a mistake."""
    columns = ("kernel", "parameters", *(("mistake", "violates") if mistakes else ("properties", "covers")))
    made = Table(*columns, "engine", "s", "result")
    for r in sorted(found, key=lambda r: r.name):
        what = (r.what, ", ".join(r.properties)) if mistakes else (str(len(r.properties)), str(len(r.covers)))
        good, bad = ("found", "NOT FOUND") if mistakes else ("proven", "FAILED")
        result = (good if r.good else bad) + (" (known)" if r.cached else "")
        made.add_row(r.name, r.parameters, *what, r.engine, f"{r.seconds:.1f}", result, style=None if r.good else "red")
    return made


@click.command()
@click.argument("names", nargs=-1)
@click.option("--mutate", "mistakes", is_flag=True, help="Put mistakes into the RTL and see the proofs find them.")
@click.option("--jobs", "-j", default=min(2, os.cpu_count() or 1), show_default=True, help="Proofs at a time.")
@click.option("--output-dir", "-o", type=click.Path(path_type=Path), default=Path("build/formal"), show_default=True)
def formal(names: tuple[str, ...], mistakes: bool, jobs: int, output_dir: Path) -> None:
    """Prove the handshakes of the kernels called NAMES, or of all."""
    console = Console(width=150)
    sby.require()
    tasks, found = work(selected(names), output_dir, mistakes), list[Result]()
    for result in results(tasks, jobs):
        found.append(result)
        words = f"{result.name} {result.parameters} {result.what if mistakes else ''}".strip()
        console.print(
            f"{len(found)} of {len(tasks)}: {words}: {result.problem or 'well'}, {result.seconds:.1f} s",
            markup=False, highlight=False,
        )  # fmt: skip
    write_json(output_dir / ("mutations.json" if mistakes else "results.json"), [asdict(result) for result in found])
    console.print(table(found, mistakes))
    if wrong := [result for result in found if not result.good]:
        raise VerificationFailed(f"{wrong[0].problem}" + (f" ({len(wrong)} in all)" if len(wrong) > 1 else ""))


def main() -> None:
    """Run the command; an error is one sentence and an exit status."""
    try:
        formal()
    except CodesignError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_status)


if __name__ == "__main__":
    main()
