"""Networks at scales that are powers of two, of several widths, through the hls4ml back end: not one integer differs.

A quick part of what `python -m tests.bench hls4ml` runs.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("brevitas")
pytest.importorskip("hls4ml")

from codesign.fuzz import trial
from codesign.fuzz.generate import generate
from codesign.graph import Add, Requantize
from codesign.graph.operators.concat import Concat
from hw.hls4ml.settings import Settings
from tests.hls4ml_nets import Formats, compared, graph_of


@pytest.mark.parametrize(
    ("name", "bits", "settings", "board"),
    [
        ("skeleton", 4, Settings(), "zcu104"),
        ("one-way-concat-8x8", 3, Settings(), "pynq_z2"),
        ("one-way-add-8x8", 2, Settings(io_type="io_parallel"), "zcu104"),
        ("tfc", 8, Settings(io_type="io_parallel", reuse_factor=16), "zcu104"),
        ("cnv-16x16", 5, Settings(strategy="latency"), "zcu104"),
    ],
    ids=lambda value: str(value) if isinstance(value, str | int) else value.io_type,
)
def test_c_simulation_equals_the_graph(name: str, bits: int, settings: Settings, board: str, tmp_path: Path) -> None:
    graph = graph_of(name, Formats(bits, bits), tmp_path)
    scales = np.concatenate([graph.tensors[op.output].scale for op in graph.operators if isinstance(op, Requantize)])
    assert np.array_equal(np.frexp(scales)[0], np.full(scales.size, 0.5)), "every scale is a power of two"
    found = compared(graph, settings, tmp_path / "project", board=board)
    assert found.expected.size >= 1000 and len(np.unique(found.expected)) > 2 * bits
    assert found.mismatches == 0
    kept = {type(op) for op in found.prepared.emission.graph.operators}
    assert (Add in kept) == ("add" in name or name == "skeleton") and (Concat in kept) == ("concat" in name)


@pytest.mark.parametrize("seed", range(9200, 9203))
def test_random_networks_are_exact_or_refused(seed: int) -> None:
    outcome = trial.run(generate(seed), "hls4ml")
    assert not outcome.failed, outcome.message
