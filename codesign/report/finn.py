"""One page on a build with FINN's back end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.table import Table

from codesign.report.summary import graph_rows

CONVERSION = "report/finn_conversion.json"
REPORTS = ("finn_conversion", "verification", "estimate_network_performance", "estimate_layer_resources")


def is_finns(directory: Path) -> bool:
    """Whether a build folder is one of FINN's back end."""
    return (directory / CONVERSION).is_file() and not (directory / "design/sized").exists()


def table(directory: Path) -> Table:
    """What FINN's back end made, every figure with its source, for the terminal."""
    result = Table("what", "figure", "source", title=str(directory))
    for row in rows({name: json.loads((directory / f"report/{name}.json").read_text()) for name in REPORTS}):
        result.add_row(*row)
    return result


def rows(reports: dict[str, dict[str, Any]]) -> list[tuple[str, str, str]]:
    """(what, figure, source) of everything that is known."""
    conversion, speed = reports["finn_conversion"], reports["estimate_network_performance"]
    resources = reports["estimate_layer_resources"]
    hls = ", ".join(f"{count} {kind}" for kind, count in conversion["vitis_hls_only"].items()) or "none"
    nodes = conversion["nodes"]
    silent = len(resources["without_estimate"])
    frame = (
        f"{speed['max_cycles']:,} cycles, {speed['estimated_throughput_fps']:,.0f} frames/s; "
        f"slowest {speed['max_cycles_node_name']}"
    )
    return [
        ("FINN's nodes", f"{len(nodes)}, of these for Vitis HLS only: {hls}", conversion["source"]),
        *graph_rows(reports["verification"]),
        ("a frame", frame, speed["source"]),
        *((name, f"{used:,g}", resources["source"]) for name, used in resources["total"].items()),
        ("nodes that FINN estimates at nothing", f"{silent} of {len(nodes)}", resources["source"]),
    ]
