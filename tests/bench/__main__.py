"""``python -m tests.bench NAME``."""

import click

from tests.bench.ingest import ingest
from tests.bench.rtl import rtl


@click.group()
def bench() -> None:
    """Long measurements; each writes its figures to build/bench."""


for command in (ingest, rtl):
    bench.add_command(command)

bench()
