"""FINN's back end: its model, configuration and folding, converted and estimated as far as FINN needs no Vivado."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from codesign.build import frames
from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.build.steps.fold import STEP as FOLD
from codesign.build.steps.ingest import GRAPH
from codesign.errors import Refused
from codesign.files import write_json
from codesign.graph import IntegerGraph
from codesign.mapping.folding import read_folding
from hw.finn.flow import Conversion, Flow, prepare

FOLDER = "finn"
REPORT = "report/finn_conversion.json"
SOURCE = "FINN estimate"
ESTIMATES = (
    "estimate_layer_cycles.json",
    "estimate_layer_resources.json",
    "estimate_layer_config_alternatives.json",
    "estimate_network_performance.json",
    "op_and_param_counts.json",
)
FRAMES = 4
"""Frames that FINN's own verification of its RTL gets."""


def run(config: BuildConfig) -> None:
    """Write the folder ``finn`` anew, and FINN's estimates as reports."""
    graph = IntegerGraph.load(config.output_dir / GRAPH)
    if config.folding_config_file is not None:
        read_folding(config.folding_config_file)  # it is there and has the form
    fps = config.target_fps or config.target.target_fps
    flow = Flow(config.target, config.clock_mhz, fps, config.folding_config_file)
    fresh, target = config.output_dir / f".{FOLDER}", config.output_dir / FOLDER
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        conversion = prepare(graph, frames.frames(config, graph, FRAMES), flow, fresh)
    except Refused as refused:
        raise Refused(f"{refused}\nThe project's own kernels may take it: --backend own.") from refused
    _write_boundary(graph, fresh)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    _write_reports(config, conversion)


def _write_reports(config: BuildConfig, conversion: Conversion) -> None:
    """FINN's reports under FINN's names, each with its source; and what became of the model."""
    for name in ESTIMATES:
        report = conversion.reports[name]
        total = {"total": report.pop("total")} if "total" in report else {}
        layers = report if name == "estimate_network_performance.json" else {"kernels": report, **total}
        write_json(config.output_dir / "report" / name, {"source": SOURCE, **_notes(name, report), **layers})
    write_json(
        config.output_dir / REPORT,
        {
            "source": "FINN's SpecializeLayers",
            "nodes": conversion.nodes,
            "operators": conversion.operators,
            "vitis_hls_only": conversion.hls,
        },
    )


def _notes(name: str, report: dict[str, Any]) -> dict[str, Any]:
    """What a reader of FINN's figures must know."""
    if name == "estimate_network_performance.json":
        return {"note": "critical_path_cycles and estimated_latency_ns add up whole layers: they are no latency."}
    if name == "estimate_layer_resources.json":
        counts = ("LUT", "BRAM_18K", "URAM", "DSP")
        return {"without_estimate": [node for node, used in report.items() if not any(used.get(c) for c in counts)]}
    return {}


def _write_boundary(graph: IntegerGraph, folder: Path) -> None:
    """What stays in software at both ends of FINN's model, whose input and output are integers, channels last."""
    ends = {"head": graph.head, "tail": graph.tail}
    write_json(folder / "boundary.json", {name: vars(end) for name, end in ends.items()})


STEP = Step(
    "finn_model",
    "FINN's model, folding and estimates",
    run,
    needs=(GRAPH,),
    makes=(FOLDER, REPORT, *(f"report/{name}" for name in ESTIMATES)),
    settings=(*FOLD.settings, "model", "inputs", "data", "seed"),
)
