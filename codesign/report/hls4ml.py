"""One page on a build with hls4ml's back end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.table import Table

from codesign.report.summary import graph_rows

PRECISION = "report/hls4ml_precision.json"
NEEDED = ("hls4ml_precision", "hls4ml_rewrites")
REPORTS = (*NEEDED, "hls4ml_fifos", "hls4ml_remarks", "verification", "hls4ml_project", "hls4ml_synthesis")
Row = tuple[str, str, str]


def is_hls4mls(directory: Path) -> bool:
    """Whether a build folder is one of hls4ml's back end."""
    written = all((directory / f"report/{name}.json").is_file() for name in NEEDED)
    return written and not (directory / "design/sized").exists()


def table(directory: Path) -> Table:
    """What hls4ml's back end made, every figure with its source, for the terminal."""
    result = Table("what", "figure", "source", title=str(directory))
    for row in rows(_reports(directory)):
        result.add_row(*row)
    return result


def precision_table(directory: Path) -> Table:
    """Every layer of hls4ml's with its types, and the derived ones where others were asked for."""
    report = _reports(directory)["hls4ml_precision"]
    result = Table("layer", "operator", "types", "derived", "bits of sums", title=f"types, {report['source']}")
    for layer in report["layers"]:
        types = layer["types"]
        asked = ", ".join(f"{what} {kind['type']}" for what, kind in types.items())
        derived = [f"{what} {kind['derived']}" for what, kind in types.items() if kind["derived"] != kind["type"]]
        row = (f"{layer['layer']} ({layer['class']})", layer["operator"], asked, ", ".join(derived) or "the same")
        result.add_row(*row, str(layer["bits"]))
    return result


def rows(reports: dict[str, dict[str, Any]]) -> list[Row]:
    """(what, figure, source) of everything that is known."""
    precision, rewrites = reports["hls4ml_precision"], reports["hls4ml_rewrites"]
    kinds = sorted({rewrite["rewriting"] for rewrite in rewrites["rewrites"]})
    names = f": {', '.join(kinds)}" if kinds else ""
    bits, derived = precision["bits"], precision["derived_bits"]
    against = "" if bits == derived else f", {derived:,} if derived"
    return [
        ("hls4ml's layers", str(len(precision["layers"])), f"hls4ml {precision['hls4ml']}"),
        ("operators rewritten for it", f"{len(rewrites['rewrites'])}{names}", rewrites["source"]),
        ("bits of results and accumulators", f"{bits:,}{against}", precision["source"]),
        *_fifos(reports),
        *_remarks(reports),
        *graph_rows(reports.get("verification", {})),
        *_project(reports),
        *_synthesis(reports),
    ]


def _fifos(reports: dict[str, dict[str, Any]]) -> list[Row]:
    r = reports.get("hls4ml_fifos", {"fifos": []})
    if not r["fifos"]:
        return []
    return [("FIFOs", f"{len(r['fifos'])} of {r['bits']:,} bits in all; each holds a frame", r["source"])]


def _remarks(reports: dict[str, dict[str, Any]]) -> list[Row]:
    r = reports.get("hls4ml_remarks", {})
    return [("the synthesis may stop", remark, r["source"]) for remark in r.get("remarks", [])]


def _project(reports: dict[str, dict[str, Any]]) -> list[Row]:
    p = reports.get("hls4ml_project")
    if p is None:
        return []
    goal = f"block design for {p['board']}" if p["board"] else "IP core"
    calls = sum(p["commands"].values())
    checked = f"{len(p['problems'])} problems in {calls} calls and {p['sources']} files"
    return [
        ("the HLS project", f"{goal}, {p['part']} at {p['clock_mhz']:g} MHz", p["backend"]),
        ("its Tcl and sources", checked, p["source"]),
    ]


def _synthesis(reports: dict[str, dict[str, Any]]) -> list[Row]:
    s = reports.get("hls4ml_synthesis")
    if s is None:
        return [("cycles and resources", "not known: they need AMD's tools", "")]
    found = [(name.upper(), f"{used:,}", s["source"]) for name, used in s["total"].items()]
    if s["interval_cycles"] is not None:
        figure = f"at most {s['interval_cycles']:,} cycles, latency {s['latency_cycles']:,}"
        found.insert(0, ("a frame", figure, s["source"]))
    return found


def _reports(directory: Path) -> dict[str, dict[str, Any]]:
    paths = {name: directory / f"report/{name}.json" for name in REPORTS}
    return {name: json.loads(path.read_text()) for name, path in paths.items() if path.is_file()}
