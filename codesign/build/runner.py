"""Runs the steps, in order, from where the last build stopped."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.errors import CodesignError, MissingTool, UserError
from codesign.files import write_json

LOG = "build_dataflow.log"
TIMES = "time_per_step.json"
log = logging.getLogger("codesign")
log.setLevel(logging.INFO)


def run_steps(
    steps: Sequence[Step],
    config: BuildConfig,
    *,
    start_step: str | None = None,
    stop_step: str | None = None,
    console: Console | None = None,
) -> None:
    """Run ``steps`` from ``start_step`` to ``stop_step``, both included; a step that is up to date is passed over.

    Raises:
        UserError: a step's name is unknown, what the first step reads is not there, or there can be no output folder.
        MissingTool: a deferrable step lacked its tool; all other steps are done.
        CodesignError: whatever a step raises.
    """
    console = console or Console(stderr=True)
    chosen = _between(steps, start_step, stop_step)
    _check_inputs(steps, chosen[0], config)
    _make_folder(config.output_dir)
    deferred: MissingTool | None = None
    width = max(len(step.name) for step in steps)
    with _logging_to(config):
        for number, step in enumerate(chosen, 1):
            label = f"[{number:2}/{len(chosen)}] {step.name:<{width}} {step.title}"
            if step.up_to_date(config):
                console.print(f"{label}: [dim]up to date[/dim]", soft_wrap=True)
                continue
            try:
                _run(step, config, console, label)
            except MissingTool as missing:
                if not step.deferrable:
                    raise
                console.print(f"{label}: [yellow]waits for a tool[/yellow]", soft_wrap=True)
                deferred = missing
    if deferred:
        raise deferred


def _run(step: Step, config: BuildConfig, console: Console, label: str) -> None:
    started = time.monotonic()
    log.info("step %s begins", step.name)
    with console.status(label) as status, Listening(lambda text: status.update(f"{label}: {text}"), console):
        try:
            step.run(config)
        except CodesignError as error:
            log.error("step %s: %s", step.name, error)
            raise
        except OSError as error:
            raise CodesignError(
                f"The step {step.name} could not write or read a file ({error}): free some space, or choose another "
                f"--output-dir; the build resumes at this step."
            ) from error
    step.done(config)
    seconds = time.monotonic() - started
    log.info("step %s done in %.1f s", step.name, seconds)
    _record_time(config, step.name, seconds)
    console.print(f"{label}: [green]done[/green] in {seconds:.1f} s", soft_wrap=True)


def _between(steps: Sequence[Step], start: str | None, stop: str | None) -> Sequence[Step]:
    names = [step.name for step in steps]
    for option, name in (("--start-step", start), ("--stop-step", stop)):
        if name is not None and name not in names:
            raise UserError(f"{option} {name!r} is no step of the build: it must be one of {', '.join(names)}.")
    first = names.index(start) if start else 0
    last = names.index(stop) if stop else len(names) - 1
    if first > last:
        raise UserError(f"--start-step {start} comes after --stop-step {stop}: swap them.")
    return steps[first : last + 1]


def _check_inputs(steps: Sequence[Step], first: Step, config: BuildConfig) -> None:
    missing = first.missing(config)
    if missing:
        maker = next(step.name for step in steps if missing[0] in step.makes)
        raise UserError(
            f"The step {first.name} needs {config.output_dir / missing[0]}, which the step {maker} makes: "
            f"start there, with --start-step {maker}."
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        where = "is" if folder.exists() else "lies in"
        raise UserError(f"--output-dir {folder} {where} a file: give a folder, or a name that is not taken.") from error
    except OSError as error:
        raise UserError(f"--output-dir {folder} cannot be made ({error}): give another.") from error


def _record_time(config: BuildConfig, name: str, seconds: float) -> None:
    path = config.output_dir / TIMES
    times = json.loads(path.read_text()) if path.exists() else {}
    write_json(path, {**times, name: round(seconds, 3)})


class Listening(logging.Handler):
    """While it is entered, what is logged is shown too: for a while, and what is more than progress for good."""

    def __init__(self, show: Callable[[str], None], console: Console) -> None:
        super().__init__(logging.INFO)
        self.show, self.console = show, console

    def emit(self, record: logging.LogRecord) -> None:
        if logging.INFO < record.levelno < logging.ERROR:
            self.console.print(f"        {record.getMessage()}", soft_wrap=True, highlight=False, markup=False)
        else:
            self.show(record.getMessage())

    def __enter__(self) -> None:
        log.addHandler(self)

    def __exit__(self, *_: object) -> None:
        log.removeHandler(self)


class _logging_to:  # noqa: N801 - a context manager reads as a verb
    """Everything that is logged also goes to the output folder's log."""

    def __init__(self, config: BuildConfig) -> None:
        self.handler = logging.FileHandler(config.output_dir / LOG)
        self.handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))

    def __enter__(self) -> None:
        log.propagate = False
        log.addHandler(self.handler)

    def __exit__(self, *_: object) -> None:
        log.removeHandler(self.handler)
        self.handler.close()
