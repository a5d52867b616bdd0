"""Ingest of the zoo: seconds, and a million quantizer outputs of each network against float64 and float32 runs."""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from codesign.errors import CodesignError
from codesign.files import write_json
from codesign.ingest import ingest as take
from codesign.ingest.verify import compare
from tests import zoo

COLUMNS = {
    "name": "network",
    "ingest_seconds": "ingest s",
    "operators": "operators",
    "outputs": "outputs",
    "float64_differences": "≠ float64",
    "float64_ties": "arbitrated",
    "float32_differences": "≠ float32",
    "unexplained": "on no near tie",
    "output_error": "output error",
    "compare_seconds": "compare s",
}


def measure(name: str, folder: Path, outputs: int) -> dict[str, Any]:
    """Take one network and compare at least ``outputs`` quantizer outputs."""
    path = zoo.exported(name, folder)
    take(path, name)  # once for imports and caches
    graph, report = take(path, name)
    each = compare(graph, path, zoo.NETS[name].frames(1), report).outputs
    start = time.perf_counter()
    result = compare(graph, path, zoo.NETS[name].frames(-(-outputs // each), 1), report)
    return {
        "name": name,
        "ingest_seconds": report.seconds,
        "operators": len(graph.operators),
        **asdict(result),
        "compare_seconds": time.perf_counter() - start,
    }


@click.command()
@click.argument("names", nargs=-1)
@click.option("--outputs", default=1_000_000, show_default=True, help="Quantizer outputs to compare, at least.")
@click.option("--output-dir", type=click.Path(path_type=Path), default=Path("build/bench"), show_default=True)
def ingest(names: tuple[str, ...], outputs: int, output_dir: Path) -> None:
    """Take the networks called NAMES, or all, and compare them with the float runs."""
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for name in names or zoo.NETS:
            figures.append(measure(name, Path(folder), outputs))
            click.echo(json.dumps(figures[-1]))
    write_json(output_dir / "ingest.json", figures)
    table = Table(title="ingest of the zoo", title_justify="left")
    for key, column in COLUMNS.items():
        table.add_column(column, justify="left" if key == "name" else "right")
    for figure in figures:
        table.add_row(*(_shown(figure[key]) for key in COLUMNS))
    Console(width=140).print(table)
    if wrong := [f for f in figures if f["float64_differences"] or f["unexplained"]]:
        raise CodesignError(f"{wrong[0]['name']} differs from its float runs: {wrong[0]['first']}.")


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.2f}" if value > 1e-3 else f"{value:.0e}"
    return f"{value:,}" if isinstance(value, int) else str(value)
