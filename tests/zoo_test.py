"""Every network of the zoo is taken, and is held to float64 and float32 runs of the network that it came from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.graph import Conv, MatMul, Threshold
from codesign.ingest import ingest
from codesign.ingest.verify import compare, float64_run

pytest.importorskip("torch")
pytest.importorskip("brevitas")

from tests import zoo

FRAMES = {"cnv": 1, "wave": 4}


@pytest.mark.parametrize("name", zoo.NETS)
def test_a_network_is_taken_exactly(tmp_path: Path, name: str) -> None:
    path = zoo.exported(name, tmp_path)
    graph, report = ingest(path, name)
    result = compare(graph, path, zoo.NETS[name].frames(FRAMES.get(name[:3], FRAMES.get(name, 8)), 7), report)
    assert (result.float64_differences, result.unexplained) == (0, 0), result.first
    assert result.outputs > 6000
    compared = float64_run(path, zoo.NETS[name].frames(1))
    assert compared.keys() <= graph.tensors.keys(), "every quantizer of the network is a tensor of the graph"
    assert result.output_error < 1e-12
    assert sum(s.descending for s in report.segments) > 0, "gammas of both signs"
    assert any(isinstance(op, Conv | MatMul) for op in graph.operators)


@pytest.mark.parametrize("name", ["tfc_1w1a", "tfc_2w2a"])
def test_the_examples_that_scale_their_input_start_with_thresholds(tmp_path: Path, name: str) -> None:
    """x * 2 - 1 and the first quantizer, of pixels, as one table of float32 numbers."""
    graph, report = ingest(zoo.exported(name, tmp_path), name)
    assert graph.head.thresholds is not None and report.head.form == "thresholds"
    assert graph.head.thresholds.shape[0] == 1
    if name == "tfc_1w1a":
        assert graph.head.thresholds.tolist() == [[0.5]] and report.head.bipolar
        assert all(graph.tensors[op.output].bits == 1 for op in graph.operators if isinstance(op, Threshold))


@pytest.mark.parametrize(("name", "other"), [("skel1d", "qcdq"), ("shuffle", "qcdq"), ("shuffle", "dynamo")])
def test_all_exports_of_a_network_are_one_graph(tmp_path: Path, name: str, other: str) -> None:
    """QONNX's quantizers and ONNX's own, by torch's older exporter and its newer one."""
    first, _ = ingest(zoo.exported(name, tmp_path), name)
    second, _ = ingest(zoo.exported(name, tmp_path / other, **{other: True}), name)
    x = zoo.NETS[name].frames(4, 3)
    kinds = [sorted(type(op).__name__ for op in graph.operators) for graph in (first, second)]
    assert kinds[0] == kinds[1]
    np.testing.assert_array_equal(first.run(first.head.run(x)), second.run(second.head.run(x)))
