"""``python -m tests.bench [NAMES]``."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from rich.console import Console

import tests.bench
from codesign.cli.terminal import output
from codesign.errors import CodesignError
from codesign.files import write_text
from tests.bench.figures import Figure
from tests.bench.runs import Run, earlier
from tests.bench.table import markdown, terminal

Measure = Callable[[], Iterator[Figure]]


def benchmarks() -> dict[str, tuple[str, Measure]]:
    """Every module of this folder with a ``measure``, by name: its title and its function."""
    found = {}
    for entry in pkgutil.iter_modules(tests.bench.__path__):
        if entry.name.startswith("_") or entry.name.endswith("_test"):
            continue
        module = importlib.import_module(f"tests.bench.{entry.name}")
        if hasattr(module, "measure"):
            title = (module.__doc__ or entry.name).splitlines()[0].rstrip(".")
            found[entry.name] = (title, module.measure)
    return found


def perform(run: Run, name: str, measure: Measure, history: Path, console: Console) -> None:
    """Run one benchmark and keep its figures at once: what a killed run had measured is not lost."""
    started, figures = time.monotonic(), run.figures.setdefault(name, [])
    try:
        for figure in measure():
            figures.append(figure)
            console.print(f"  {figure.what}: {figure.value:g} {figure.unit}", highlight=False, markup=False)
    except CodesignError as error:
        run.failed[name] = str(error)
        console.print(f"  {error}", style="red", markup=False)
    run.seconds[name] = time.monotonic() - started
    run.save(history)


@click.command()
@click.argument("names", nargs=-1)
@click.option("--list", "only_list", is_flag=True, help="Say which benchmarks there are, and run none.")
@click.option("--output-dir", "-o", type=click.Path(path_type=Path), default=Path("build/bench"), show_default=True)
def bench(names: tuple[str, ...], only_list: bool, output_dir: Path) -> None:
    """Run the benchmarks called NAMES, or all; write their figures to bench.md beside those of the run before.

    Every figure has its source, and what is asked of it where something is. Exit status 1 where something asked does
    not hold or a benchmark failed.
    """
    known = benchmarks()
    if only_list:
        for name, (title, _) in known.items():
            click.echo(f"{name:<12} {title}")
        return
    if unknown := [name for name in names if name not in known]:
        raise click.UsageError(f"There is no benchmark {unknown[0]!r}: use one of {', '.join(known)}.")
    run, history, console = Run.begin(), output_dir / "history", Console(stderr=True)
    for name in names or known:
        console.print(f"{name}: {known[name][0]}", style="bold")
        perform(run, name, known[name][1], history, console)
    titles, before = {name: title for name, (title, _) in known.items()}, earlier(history, run)
    output().print(terminal(titles, run, before))
    write_text(output_dir / "bench.md", markdown(titles, run, before))
    if run.failed or not all(figure.holds for figures in run.figures.values() for figure in figures):
        sys.exit(1)


if __name__ == "__main__":
    bench()
