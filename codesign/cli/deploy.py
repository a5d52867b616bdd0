"""``codesign deploy``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from codesign.cli.terminal import output


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--host", required=True, help="The board: user@address, or a name that ~/.ssh/config knows.")
@click.option("--port", type=click.IntRange(1, 65535), help="Of its ssh server.  [default: 22]")
@click.option("--directory", help="Folder on the board.  [default: ~/codesign/MODEL]")
@click.option("--place", help="Where the driver runs the self-test.  [default: pynq, or serial for a UART]")
def deploy(package: Path, host: str, port: int | None, directory: str | None, place: str | None) -> None:
    """Copy PACKAGE (deploy/ of a build, its zip, or the build's folder) to a board, install the driver, and test it.

    A second run copies what differs. The exit status is the self-test's: 0 if every integer is right, 4 if not.
    """
    from codesign.deploy import remote  # asyncssh takes as long to import as all the rest

    target = remote.Target.of(host, port)
    found = remote.package_at(package)
    console = output()

    def ask(what: str) -> str:
        return str(click.prompt(what, hide_input=True, err=True))

    bar = _Bar(console)
    work = remote.deploy(
        found,
        target,
        directory=directory,
        place=place,
        ask=ask if sys.stdin.isatty() else None,
        say=lambda line: console.print(line, highlight=False, markup=False, soft_wrap=True),
        progress=bar.show,
    )
    with bar.hidden_at_last():
        asyncio.run(work)


class _Bar:
    """How far the copy is, on a terminal and while it lasts: a bar that is drawn anew would wipe a prompt away."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task: TaskID | None = None

    def show(self, name: str, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` bytes are copied, and the file ``name`` is under way."""
        if self._task is None:
            self._task = self._bar.add_task(name, total=total)
            self._bar.start()
        self._bar.update(self._task, description=name, completed=done)
        if done == total:
            self._stop()

    @contextmanager
    def hidden_at_last(self) -> Iterator[None]:
        """Leave nothing on the terminal, whatever happens."""
        try:
            yield
        finally:
            self._stop()

    def _stop(self) -> None:
        if self._bar.live.is_started:
            self._bar.stop()
