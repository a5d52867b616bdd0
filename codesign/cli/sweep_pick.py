"""``codesign sweep pick``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from codesign.cli.terminal import output
from codesign.sweep.figures import FIGURES, Figure

FILE = click.Path(path_type=Path)
SUFFIXES = ("_us", "_uj", "_kbit")
"""Units in figures' names, which options leave out: the value has its own."""
LIMITED = {name: figure for name, figure in FIGURES.items() if not name.startswith("test_")}


def limit_name(figure: Figure) -> str:
    """Return the name of the option that limits ``figure``: ``max-latency``, ``min-accuracy``."""
    plain = next((figure.name.removesuffix(suffix) for suffix in SUFFIXES if figure.name.endswith(suffix)), figure.name)
    return f"{'min' if figure.more else 'max'}-{plain}"


def limits(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each figure that a design may be limited by."""
    for name, figure in reversed(LIMITED.items()):
        text = f"{'At least' if figure.more else 'At most'} this: {figure.meaning}."
        command = click.option(f"--{limit_name(figure)}", f"limit_{name}", metavar="N", help=text)(command)
    return command


@click.command()
@click.argument("study")
@limits
@click.option("--by", default="", help="Choose by this figure.  [default: the first objective without a limit]")
@click.option("--board", help="Only designs for this board.")
@click.option("--point", type=click.IntRange(min=0), help="This point, by its number, in place of the best.")
@click.option("--data", type=FILE, help="Folder of the data set, as the study was run with.")
@click.option("--storage", help="As the study was run with.  [default: build/sweep/NAME/study.db]")
@click.option("--build/--no-build", default=True, show_default=True, help="Build it, or write its files alone.")
@click.option("--stop-step", default="simulate", show_default=True, help="Last step of the build.")
@click.option("--output-dir", "-o", type=FILE, help="Where it goes.  [default: build/STUDY-POINT]")
def pick(
    study: str,
    by: str,
    board: str | None,
    point: int | None,
    data: Path | None,
    storage: str | None,
    build: bool,
    stop_step: str,
    output_dir: Path | None,
    **given: str | None,
) -> None:
    """Choose a design of STUDY, such as with --max-latency 1ms --min-accuracy 95%, and build it.

    The best that meets all limits is taken; its network, its folding and the command of its build are written.
    """
    import boards
    from codesign.sweep.checks import check_constraints
    from codesign.sweep.pick import Wanted, choose
    from codesign.sweep.place import Place
    from codesign.sweep.quantity import parse
    from codesign.sweep.study import Constraint
    from codesign.sweep.taken import take

    texts = {name.removeprefix("limit_"): text for name, text in given.items() if text is not None}
    wanted = tuple(Constraint(name, FIGURES[name].more, parse(text, FIGURES[name])) for name, text in texts.items())
    check_constraints(wanted)
    on = boards.get(board).name if board else ""
    place, console = Place(study, data, storage), output()
    choice = choose(place.study, place.store().rows(), Wanted(wanted, by, on, point))
    folder = output_dir or Path("build") / f"{place.study.name}-{choice.row.slot}"
    console.print(choice.why, highlight=False, soft_wrap=True)
    taken = take(place, choice, folder)
    console.print(f"Its files are in {folder}; {taken.command} builds it.", highlight=False, soft_wrap=True)
    if build:
        taken.build(stop_step)
