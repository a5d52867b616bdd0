"""The command line: one file per command; errors end in one sentence and an exit status."""

from __future__ import annotations

import sys

import click
from rich.console import Console

from codesign.cli.build import build
from codesign.cli.check import check
from codesign.cli.compare import compare
from codesign.cli.deploy import deploy
from codesign.cli.fuzz import fuzz
from codesign.cli.inventory import boards_command, doctor, models
from codesign.cli.report import report
from codesign.cli.sweep import sweep
from codesign.errors import CodesignError
from quant.cli import export, train
from quant.data.cli import data


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def codesign(debug: bool) -> None:
    """From a quantized model to a verified accelerator and a bitstream."""


for command in (
    build,
    check,
    compare,
    data,
    train,
    export,
    boards_command,
    models,
    doctor,
    report,
    fuzz,
    sweep,
    deploy,
):
    codesign.add_command(command)


def main() -> None:
    """Run the command line: 2 for a user's mistake, 3 for a missing tool, 4 for a failed verification."""
    try:
        codesign(standalone_mode=False)
    except CodesignError as error:
        if "--debug" in sys.argv:
            raise
        Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(f"Error: {error}")
        sys.exit(error.exit_status)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)


__all__ = ["codesign", "main"]
