"""FINN's own build steps on a model, as far as they need no tool of AMD's; runs in FINN's process."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from hw.finn.flow import CONFIG, CONVERTED, MODEL


def conversion(job: dict[str, Any]) -> dict[str, Any]:
    """Run the job's ``steps`` with the configuration and the model in its ``folder``, and write the converted model.

    Returns:
        nodes (kind by name), outputs (first tensor made, by name), FINN's reports and folding, and the parameters that
        differ from those of the model (changed).
    """
    from finn.builder.build_dataflow import resolve_build_steps
    from finn.builder.build_dataflow_config import DataflowBuildConfig
    from qonnx.core.modelwrapper import ModelWrapper

    folder = Path(job["folder"])
    model = ModelWrapper(str(folder / MODEL))
    before = {name: model.get_initializer(name) for name in (p.name for p in model.graph.initializer)}
    config = DataflowBuildConfig.construct_from(folder / CONFIG)
    with tempfile.TemporaryDirectory() as scratch:
        config.output_dir = scratch
        for step in resolve_build_steps(config):
            if step.__name__ in job["steps"]:
                model = step(model, config)
        model.save(str(folder / CONVERTED))
        reports = {p.name: json.loads(p.read_text()) for p in config.get_report_directory().glob("*.json")}
    folding = reports.pop("applied_folding_config.json", None) or reports.pop("auto_folding_config.json")
    after = {p.name for p in model.graph.initializer}
    changed = [n for n, v in before.items() if n not in after or not np.array_equal(v, model.get_initializer(n))]
    return {
        "nodes": {node.name: node.op_type for node in model.graph.node},
        "outputs": {node.name: node.output[0] for node in model.graph.node},
        "reports": reports,
        "folding": folding,
        "changed": changed,
    }
