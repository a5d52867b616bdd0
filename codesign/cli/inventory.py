"""``codesign doctor``, ``codesign boards`` and ``codesign models``: what there is."""

from __future__ import annotations

import click
from rich.table import Table

import boards as board_registry
import quant.models
from codesign.cli.terminal import output
from codesign.doctor import findings


@click.command()
def doctor() -> None:
    """Show what is installed, what is missing, and what each missing tool costs."""
    table = Table("tool", "version", "is for", "without it")
    for finding in findings():
        version = f"[green]{finding.version}[/green]" if finding.version else "[red]missing[/red]"
        cost = "" if finding.version else f"{finding.without}. To get it: {finding.install}"
        table.add_row(finding.name, version, finding.makes, cost)
    output().print(table)


@click.command("boards")
def boards_command() -> None:
    """List the boards."""
    table = Table("board", "what it is", "part", "clock MHz", "LUT", "FF", "BRAM18", "DSP", "I/O", "bitstream by")
    for name in board_registry.names():
        b = board_registry.get(name)
        counts = (f"{n:,}" for n in (b.luts, b.ffs, b.bram, b.dsp))
        table.add_row(b.name, b.title, b.part, f"{b.clock_mhz:g}", *counts, b.io, b.tool)
    output().print(table)


@click.command()
def models() -> None:
    """List the presets; each name works wherever a model's file does."""
    table = Table("model", "what it is", "input", "MACs")
    for name in quant.models.names():
        model = quant.models.get(name)
        table.add_row(name, model.description, " × ".join(map(str, model.input_shape)), f"{model.macs():,}")
    output().print(table)
