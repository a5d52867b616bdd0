"""The package of hls4ml's project, as a folder and as one zip."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import quant.models
from codesign.build.config import BuildConfig
from codesign.build.packaging import sample_count, samples
from codesign.build.step import Step
from codesign.build.steps.bitstream import BITFILE
from codesign.build.steps.cleanup import MODEL
from codesign.build.steps.hls4ml_build import DELIVERED, IP
from codesign.build.steps.hls4ml_build import REPORT as SYNTHESIS
from codesign.build.steps.hls4ml_csim import VERIFIED, require_agreement
from codesign.build.steps.hls4ml_model import FOLDER, settings, target
from codesign.build.steps.ingest import GRAPH
from codesign.build.steps.package import DEPLOY, ZIP
from codesign.deploy.hls4ml import Contents, bound, write_package
from codesign.deploy.package import write_zip
from codesign.graph import IntegerGraph

ROLES = {"bitfile": DELIVERED["bitstream"], "handoff": DELIVERED["handoff file"], "ip": IP}


def run(config: BuildConfig) -> None:
    """Write ``deploy/`` anew, with what there is of AMD's tools' results, and the zip of it."""
    require_agreement(config)
    graph = IntegerGraph.load(config.output_dir / GRAPH)
    results = {role: config.output_dir / BITFILE / name for role, name in ROLES.items()}
    contents = Contents(
        graph,
        config.target.name,
        target(config),
        asdict(settings(config)),
        config.output_dir / FOLDER,
        {role: path for role, path in results.items() if path.exists()},
        cycles_of(config, graph),
        samples(config, graph, sample_count(graph)),
        config.output_dir / MODEL,
        quant.models.get(config.model).classes if config.model in quant.models.names() else (),
    )
    write_package(config.output_dir / DEPLOY, contents)
    write_zip(config.output_dir / DEPLOY, config.output_dir / ZIP)


def cycles_of(config: BuildConfig, graph: IntegerGraph) -> dict[str, Any]:
    """Return a frame's cycles: HLS's estimate where there is one, else a bound, for hls4ml has no model of them."""
    if (config.output_dir / SYNTHESIS).is_file():
        seen = json.loads((config.output_dir / SYNTHESIS).read_text())
        if seen["interval_cycles"] and seen["latency_cycles"]:
            found = seen["interval_cycles"], seen["latency_cycles"], seen["source"]
            return dict(zip(("interval", "first_frame", "source"), found, strict=True))
    return bound(graph, target(config), settings(config).io_type)


STEP = Step(
    "hls4ml_package",
    "what a driver loads, and the project",
    run,
    needs=(MODEL, GRAPH, FOLDER, VERIFIED),
    makes=(DEPLOY, ZIP),
    settings=(
        *("model", "inputs", "data", "seed", "board", "synth_clk_mhz"),
        *("io_type", "strategy", "reuse_factor", "precision", "bitfile_contents"),
    ),
)
