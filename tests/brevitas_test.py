"""The trained preset in Brevitas, float32, against the integer graph of its export."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import quant.models
from codesign.graph import IntegerGraph
from codesign.ingest import IngestReport, ingest
from quant.model import reference_float32

FRAMES = 60
CLOSE = 1e-5
"""Differences of float32 sums, relative to the largest output; a flipped quantizer makes a hundred times as much."""


def on_near_tie(graph: IntegerGraph, report: IngestReport, frame: np.ndarray) -> bool:
    """Whether some accumulator of the frame is one at which a float32 run may differ."""
    values = graph.trace(frame[None])
    for segment in report.segments:
        for tie in segment.near_ties:
            channel = values[segment.input][..., tie.channel]
            if ((channel >= tie.first) & (channel <= tie.last)).any():
                return True
    return False


def test_brevitas_differs_on_near_ties_only(tmp_path: Path) -> None:
    model = quant.models.get("skeleton-tiny")
    model.export(tmp_path / "model.onnx")
    graph, report = ingest(tmp_path / "model.onnx", model.name)
    x = model.sample_inputs(FRAMES)
    float32 = reference_float32(model.load_weights(), x)
    exact = graph.infer(x)
    difference = np.abs(float32 - exact).max(1) / np.abs(exact).max()
    integers = graph.head.run(x)
    for frame in np.flatnonzero(difference > CLOSE):
        assert on_near_tie(graph, report, integers[frame]), f"frame {frame} differs by {difference[frame]:.1e}"
    assert (difference <= CLOSE).mean() > 0.9
    assert len(np.unique(exact.argmax(1))) > 3, "the frames must reach several classes"


def test_a_graph_with_one_wrong_step_is_seen(tmp_path: Path) -> None:
    """The check above can fail: one requantizer whose offset is a step off."""
    model = quant.models.get("skeleton-tiny")
    model.export(tmp_path / "model.onnx")
    graph, _ = ingest(tmp_path / "model.onnx", model.name)
    op = next(op for op in graph.operators if type(op).__name__ == "Requantize")
    op.offset[:] += 1 << op.shift  # type: ignore[attr-defined]
    x = model.sample_inputs(8)
    float32 = reference_float32(model.load_weights(), x)
    assert (np.abs(float32 - graph.infer(x)).max(1) > CLOSE * np.abs(float32).max()).all()
