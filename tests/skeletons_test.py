"""The skeleton ensemble from Brevitas to Verilog: exact integers, and one small net of every kind under stalls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codesign.ingest import ingest
from codesign.ingest.verify import compare
from codesign.mapping.fifos import size_fifos
from codesign.mapping.folding import fold_for_interval
from codesign.mapping.forms import choose_forms
from hw.design.emit import ERROR_FLAG, TOP, emit
from hw.lowering import fold, lower
from hw.sim import Stalls, compile_simulator
from quant import models
from quant.model import reference_float32
from quant.models.skeleton_ensemble import SkeletonEnsemble
from quant.models.skeleton_subnets import SUBNETS


# The ensemble has all four subnets in it, with the weights of their own presets; the last has an end of its own.
@pytest.mark.parametrize("name", ["skeleton-ensemble-tiny", f"skeleton-{list(SUBNETS)[-1]}-tiny"])
def test_integers_are_those_of_brevitas(name: str, tmp_path: Path) -> None:
    """Every quantizer's output against the float runs of the file; the scores against Brevitas itself."""
    model = models.get(name)
    model.export(tmp_path / "model.onnx")
    graph, report = ingest(tmp_path / "model.onnx", name)
    x = model.sample_inputs(4, seed=5)
    result = compare(graph, tmp_path / "model.onnx", x, report)
    assert result.float64_differences == result.unexplained == 0, result.first
    assert result.outputs > 90_000
    explained = result.float32_differences > 0  # near ties, listed when the graph was made
    close = np.isclose(graph.infer(x), reference_float32(model.load_weights(), x), atol=1e-4).all(1)
    assert close.all() or explained
    assert not [op for op in graph.operators if type(op).__name__ == "Threshold"], "hundreds of comparators"


def small() -> SkeletonEnsemble:
    """The four kinds, of two stages and 10 frames."""
    model = models.get("skeleton-ensemble-tiny")
    assert isinstance(model, SkeletonEnsemble)
    sizes = {"frames": 10, "widths": (4, 6), "kernel": 3, "outputs": 3, "classes": (), "layout_name": "kinect1"}
    members = tuple(replace(m, name=f"small-{m.name}", **sizes) for m in model.members)  # type: ignore[arg-type]
    return replace(model, name="small", frames=10, outputs=3, classes=(), members=members)


def test_every_kind_in_verilog_gives_the_fused_integers_under_stalls(tmp_path: Path) -> None:
    model = small()
    model.export(tmp_path / "model.onnx")
    graph, _ = ingest(tmp_path / "model.onnx", "small")
    lowered = lower(graph, "xcup")
    design, _ = size_fifos(choose_forms(fold(lowered, fold_for_interval(lowered, 1200)), "xcup"))
    rtl = tmp_path / "rtl"
    rtl.mkdir()
    sources = emit(design, rtl)
    simulator = compile_simulator(TOP, sources, [design.input], [design.output], data=rtl, flags=[ERROR_FLAG])
    random = np.random.default_rng(7)
    tensor = graph.tensors[graph.input]
    x = random.integers(tensor.low, tensor.high, (24, *tensor.shape), endpoint=True)
    x[::2] = graph.head.run(model.sample_inputs(12, seed=7))
    expected = graph.run(x)
    assert len(np.unique(expected, axis=0)) > 12
    words = x.reshape(len(x), design.input.words, design.input.stream.lanes)
    free = simulator.run([words])
    np.testing.assert_array_equal(free.outputs[0].reshape(expected.shape), expected)
    assert free.interval == design.interval
    for seed, (probability, burst) in enumerate([(0.3, 4), (0.01, 300)]):
        stalled = simulator.run([words], stalls=Stalls(probability, burst, seed))
        np.testing.assert_array_equal(stalled.outputs[0].reshape(expected.shape), expected)
        assert stalled.flags == {ERROR_FLAG: 0}
