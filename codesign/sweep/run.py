"""Runs a study from the command line: workers, what is shown meanwhile, and what is written in the end."""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.console import Console

from codesign.errors import CodesignError, MissingTool, UserError, VerificationFailed
from codesign.sweep import launch
from codesign.sweep.beside import beside
from codesign.sweep.checks import model_of, score_wanted
from codesign.sweep.place import Place
from codesign.sweep.point import Row
from codesign.sweep.show import front_table, show
from codesign.sweep.unmet import unmet
from quant.training import rungs

SHOWN = 30
"""Rows of a front that are shown in the terminal, at most."""


def to_the_end(place: Place, jobs: int, console: Console) -> None:
    """Run ``jobs`` workers here until nothing is left, write everything, and show the front.

    Raises:
        UserError: no point meets all constraints; says which one kills how many.
        CodesignError: all workers ended before the points did.
    """
    check_training(place)
    store = place.store(create=True)
    logs, began = place.folder / "log", time.time()
    with beside(partial(show, store, place.study, console)):
        statuses = launch.local(worker(place, logs), jobs)
    if all(statuses):  # a worker that ends well leaves nothing to do
        raise _failure(statuses, logs, began)
    finish(place, store.rows(), console)


def check_training(place: Place) -> None:
    """Refuse a plan or a data set that the model cannot be trained with, before there is a storage.

    Where there is one this was seen to; it takes a while.
    """
    study = place.study
    model = model_of(study.model)
    if model is None or not score_wanted(study) or Path(place.storage_name).exists():
        return
    choices = {name: float(value) for name, value in study.fixed.items() if name in model.variations}
    rungs.learner(model.vary(**choices), study.data, study.training)


def worker(place: Place, logs: Path) -> list[str]:
    """Return the command of one more worker, by this Python."""
    words = replace(place, storage=place.storage_name).arguments("work", "--log", str(logs))[1:]
    words[words.index("--storage") + 1] = place.storage_name  # with its password
    words += ["-o", str(place.output_dir)] if place.output_dir else []
    return [sys.executable, "-c", "from codesign.cli import main; main()", *words]


def one_worker(place: Place, log: Path | None) -> None:
    """Work until nothing is left; with ``log`` all that is said goes into a file of this process there."""
    store = place.store(create=True)
    if log is not None:
        log.mkdir(parents=True, exist_ok=True)
        kept = os.open(log / f"worker-{os.getpid()}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        for stream in (1, 2):
            os.dup2(kept, stream)
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    from codesign.sweep.evaluate import Evaluator
    from codesign.sweep.worker import work

    work(place.study, store, Evaluator(place.study))


def start_jobs(place: Place, jobs: int, options: Sequence[str], console: Console) -> None:
    """Start ``jobs`` workers on a SLURM cluster and say how to watch them."""
    check_training(place)
    place.store(create=True)
    logs = place.folder.absolute() / "log"
    numbers = launch.slurm(worker(place, logs), jobs, settings(options), logs)
    watching = " ".join(place.arguments("show"))
    console.print(f"Jobs {', '.join(numbers)} work; watch them with {watching}", highlight=False, soft_wrap=True)


def settings(given: Sequence[str]) -> dict[str, int | str]:
    """Return options of the form key=value; whole numbers become such."""
    found: dict[str, int | str] = {}
    for text in given:
        key, _, value = text.partition("=")
        if not key or not value:
            raise UserError(f"--slurm {text} must have the form key=value, such as slurm_partition=short.")
        found[key] = int(value) if value.isdigit() else value
    return found


def finish(place: Place, rows: list[Row], console: Console) -> None:
    """Write everything and show the front.

    Raises:
        UserError: there is none.
    """
    written = [*place.export(rows), place.page(rows)]
    try:
        written.append(place.picture(rows))
    except MissingTool as error:
        console.print(f"No picture: {error}", highlight=False, soft_wrap=True)
    best = place.study.front(rows)
    if best:
        console.print(front_table(place.study, best, SHOWN))
    console.print(f"Written: {', '.join(map(str, written))}", highlight=False, soft_wrap=True)
    if not best:
        raise UserError(unmet(place.study, rows))
    choose = " ".join(place.arguments("pick"))
    console.print(f"To build one of them: {choose} --point N", highlight=False, soft_wrap=True)


def watch(place: Place, console: Console, once: bool) -> None:
    """Show the study until it is done, or as it is now; where all is judged and nothing meets all, say why."""
    store = place.store()
    show(store, place.study, console, once=once)
    rows = store.rows()
    if store.finished and not place.study.front(rows):
        console.print(unmet(place.study, rows), highlight=False, soft_wrap=True, markup=False)


def _failure(statuses: Sequence[int], logs: Path, began: float) -> CodesignError:
    """Return what the workers died of: the last error in the logs that were written since ``began`` (s)."""
    known = (VerificationFailed, MissingTool)  # the worst first
    kind = next((kind for kind in known if kind.exit_status in statuses), CodesignError)
    said_last = ""
    times = {path: path.stat().st_mtime for path in logs.glob("*.log")}
    for path in sorted((path for path in times if times[path] >= began - 1), key=times.__getitem__):
        found = re.findall(r"^Error: (.*)$", path.read_text(errors="replace"), re.MULTILINE)
        said_last = found[-1] if found else said_last
    text = said_last or f"A worker ended with exit status {next(status for status in statuses if status)}"
    return kind(f"{text.rstrip('.')}. The logs are in {logs}; the same command goes on where this one was.")
