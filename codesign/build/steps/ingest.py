"""QONNX to the IntegerGraph, exact or refused, and compared with the network's float64 and float32 runs."""

from __future__ import annotations

from math import prod
from pathlib import Path

from codesign.build import frames, verification
from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.build.steps.cleanup import MODEL
from codesign.errors import VerificationFailed
from codesign.files import write_json
from codesign.graph import IntegerGraph
from codesign.ingest import ingest_model
from codesign.ingest.file.model import parse, read
from codesign.ingest.verify import compare

GRAPH = "graph"
REPORT = "report/ingest.json"
VERIFIED = "verification_output/graph.json"
FLOAT_FRAMES = 100
"""Frames compared with the float runs, at most: fewer where they hold as many quantizer outputs as wanted."""
FLOAT_OUTPUTS = 4_000_000
"""Integers on all tensors together; about half of them come from quantizers."""


def run(config: BuildConfig) -> None:
    """Write the graph, the report on its segments and what the comparison with the float runs gave."""
    model = config.output_dir / MODEL
    graph, report = ingest_model(read(parse(model), Path(config.model)), name_of(config), input_type=config.input_type)
    graph.check()
    graph.save(config.output_dir / GRAPH)
    write_json(config.output_dir / REPORT, report.to_json())
    comparison = compare(graph, model, frames.real_inputs(config, graph, float_frames(graph)), report)
    verification.record(config.output_dir, "graph", comparison.to_json())
    if not comparison.exact:
        raise VerificationFailed(
            f"The integer graph of {graph.name} differs from the network: {comparison.float64_differences} of "
            f"{comparison.outputs} quantizer outputs from its float64 run, {comparison.unexplained} from its float32 "
            f"run on no listed near tie; first {comparison.first}."
        )


def float_frames(graph: IntegerGraph) -> int:
    """Frames to compare with the float runs."""
    integers = sum(prod(tensor.shape) for tensor in graph.tensors.values())
    return max(8, min(FLOAT_FRAMES, FLOAT_OUTPUTS // integers))


def name_of(config: BuildConfig) -> str:
    """The model's name: the preset's, or the file's stem."""
    return Path(config.model).stem


STEP = Step(
    "ingest",
    "QONNX to integers, exact or refused",
    run,
    needs=(MODEL,),
    makes=(GRAPH, REPORT, VERIFIED),
    settings=("model", "input_type", "inputs", "data", "seed"),
)
