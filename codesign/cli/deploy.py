"""``codesign deploy``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

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

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", visible=False)
        asyncio.run(
            remote.deploy(
                found,
                target,
                directory=directory,
                place=place,
                ask=ask if sys.stdin.isatty() else None,
                say=lambda line: console.print(line, highlight=False, markup=False, soft_wrap=True),
                progress=lambda name, done, total: bar.update(
                    task, description=name, completed=done, total=total, visible=done < total
                ),
            )
        )
