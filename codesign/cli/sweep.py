"""``codesign sweep``: the commands of a study."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from codesign.cli.sweep_pick import pick
from codesign.cli.terminal import output
from codesign.sweep.names import unknown

if TYPE_CHECKING:
    from codesign.sweep.place import Place

FILE = click.Path(path_type=Path)
Command = TypeVar("Command", bound=Callable[..., Any])


class Studies(click.Group):
    """A group whose ``run`` need not be said: what is no command is a study."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "-h", "--help", "--list"):
            words = [word for word in args[:2] if not word.startswith("-")]
            if len(words) == 2:  # a study has no second word
                raise unknown(args[0], "command of codesign sweep", self.commands)
            args = ["run", *args]
        return super().parse_args(ctx, args)


def _list(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        from codesign.sweep.read import shipped

        for name, path in shipped().items():
            first = path.read_text(encoding="utf-8").splitlines()[0].lstrip("# ")
            click.echo(f"{name:<16} {first}")
        ctx.exit()


@click.group(cls=Studies, subcommand_metavar="[run] STUDY [OPTIONS] | COMMAND STUDY [OPTIONS]")
@click.option("--list", is_flag=True, is_eager=True, expose_value=False, callback=_list, help="List the own studies.")
def sweep() -> None:
    """Search designs: accuracy against latency and size, over training and hardware (docs/sweeps.md).

    STUDY is a YAML file, or the name of one of the project's own (--list).
    """


def of_study(command: Command) -> Command:
    """The argument and the options that say which study, and where it is kept; the command gets a ``Place``."""
    from functools import wraps

    @wraps(command)
    def with_place(study: str, data: Path | None, storage: str | None, output_dir: Path | None, **rest: Any) -> Any:
        from codesign.sweep.place import Place

        return command(Place(study, data, storage, output_dir), **rest)

    options = (
        click.argument("study"),
        click.option("--data", type=FILE, help="Folder of the data set.  [default: the study's, or synthetic data]"),
        click.option(
            "--storage",
            help="A file, or postgresql://USER:PASSWORD@HOST/DATABASE.  [default: study.db in the output folder]",
        ),
        click.option("--output-dir", "-o", type=FILE, help="Where everything goes.  [default: build/sweep/NAME]"),
    )
    for option in reversed(options):
        with_place = option(with_place)
    return with_place  # type: ignore[return-value]


@sweep.command()
@of_study
@click.option("--jobs", type=click.IntRange(min=1), help="Workers.  [default: one a core]")
@click.option("--slurm", multiple=True, metavar="KEY=VALUE", help="Workers as SLURM jobs, with this option of sbatch.")
def run(place: Place, jobs: int | None, slurm: tuple[str, ...]) -> None:
    """Judge the points of STUDY that are left, verify the front, and write what came of it.

    A run that was killed goes on where it was; the word run may be left out.
    """
    from codesign.sweep.run import start_jobs, to_the_end

    if slurm:
        start_jobs(place, jobs or 1, slurm, output())
    else:
        to_the_end(place, jobs or len(os.sched_getaffinity(0)), output())


@sweep.command()
@of_study
@click.option("--log", type=FILE, help="Folder for what it says.  [default: the terminal]")
def work(place: Place, log: Path | None) -> None:
    """Be one more worker of STUDY: start as many as you like, on any machine that reaches the storage."""
    from codesign.sweep.run import one_worker

    one_worker(place, log)


@sweep.command()
@of_study
@click.option("--once", is_flag=True, help="Show it as it is now, and end.")
def show(place: Place, once: bool) -> None:
    """Show how far STUDY is, and its front, until it is done."""
    from codesign.sweep.run import watch

    watch(place, output(), once)


@sweep.command()
@of_study
def page(place: Place) -> None:
    """Write STUDY's page: one HTML file with all points, to hover and to filter."""
    click.echo(f"The page is {place.page(place.store().rows())}.")


@sweep.command()
@of_study
def export(place: Place) -> None:
    """Write all points of STUDY: points.csv and points.jsonl, every figure with its source."""
    files = place.export(place.store().rows())
    click.echo(f"The points are in {' and '.join(map(str, files))}.")


sweep.add_command(pick)
