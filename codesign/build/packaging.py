"""What a build puts into a package: its graph, its accelerator, the cycles of a frame, and frames to show."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

import quant.models
from codesign.build.config import BuildConfig
from codesign.build.frames import real_inputs
from codesign.build.project import project
from codesign.build.steps.cleanup import MODEL
from codesign.build.steps.ingest import GRAPH
from codesign.build.steps.simulate import PERFORMANCE
from codesign.build.steps.size_fifos import DESIGN
from codesign.deploy.package import Contents
from codesign.deploy.samples import UNKNOWN, Samples
from codesign.graph import IntegerGraph
from hw.design.design import Design
from hw.tokens import design as tokens

SAMPLES = 8, 96
"""Frames a package, at least and at most: about ten of each class of the presets."""
SAMPLE_BYTES = 2 << 20
"""Bytes that they should take, before they are compressed."""


def contents_of(config: BuildConfig) -> Contents:
    """Return what goes into the package; the build's folder has it at any time after the Verilog was emitted."""
    graph = IntegerGraph.load(config.output_dir / GRAPH)
    return Contents(
        graph,
        project(config),
        cycles_of(config.output_dir),
        samples(config, graph, sample_count(graph)),
        config.output_dir / MODEL,
        quant.models.get(config.model).classes if config.model in quant.models.names() else (),
    )


def sample_count(graph: IntegerGraph) -> int:
    """Return how many frames go into the package: many of small ones, few of large ones."""
    least, most = SAMPLES
    return max(least, min(most, SAMPLE_BYTES // (4 * prod(graph.head.model_shape))))


def cycles_of(build: Path) -> dict[str, Any]:
    """Return a frame's cycles: the simulated Verilog's where it was simulated, else the model's."""
    if (build / PERFORMANCE).is_file():
        seen = json.loads((build / PERFORMANCE).read_text())
        found = (seen["cycles_per_frame"], seen["first_frame_cycles"], seen["source"])
    else:
        predicted = tokens.run(Design.load(build / DESIGN))
        found = (predicted.cycles_per_frame, predicted.first_frame, "model")
    return dict(zip(("interval", "first_frame", "source"), found, strict=True))


def samples(config: BuildConfig, graph: IntegerGraph, count: int) -> Samples:
    """Return ``count`` frames of the build's own inputs, or of its preset's; random walks where it has neither."""
    preset = quant.models.get(config.model) if config.model in quant.models.names() else None
    labels, edges, joints = np.full(count, UNKNOWN, np.int64), np.zeros((0, 2), np.int64), 0
    if config.inputs is None and preset is not None:
        inputs, labels, source = preset.samples(count, config.data, config.seed)
        edges, joints = np.array(preset.bones, np.int64).reshape(-1, 2), preset.joints
    else:
        inputs = real_inputs(config, graph, count)
        source = f"Frames of {config.inputs.name}." if config.inputs else "Random walks over the range of the input."
    return Samples(inputs, graph.run(graph.head.run(inputs)), labels, source, edges, joints)
