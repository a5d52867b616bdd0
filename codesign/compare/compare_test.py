"""All back ends on one random net."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from codesign.build import BuildConfig
from codesign.compare.columns import COLUMNS
from codesign.compare.compare import compare, save
from codesign.compare.table import remarks
from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder

FRAMES = 120


def mixed() -> tuple[IntegerGraph, np.ndarray]:
    """Padding, depthwise, thresholds, requantizers of either sign, a fork, a sum with coefficients."""
    b = Builder((6, 2), -4, 3)
    own = b.requantize(b.conv("x", 2, (3,), ((1, 1),), groups=2))
    first = b.threshold(b.conv(own, 3, (3,), ((1, 1),)), 5)
    return b.graph(b.add(first, b.requantize(first), (2, 4)), "mixed"), b.frames(FRAMES)


def test_all_columns_agree(tmp_path: Path) -> None:
    graph, x = mixed()
    found = list(compare(list(COLUMNS.values()), graph, x, BuildConfig("mixed", "zcu104", tmp_path)))
    assert [(o.column.name, o.verdict, o.exit_status) for o in found] == [(name, "agrees", 0) for name in COLUMNS]
    assert not list(remarks(found))
    for outcome in found:
        result = outcome.result
        assert result is not None and result.mismatches == 0 and result.integers >= FRAMES * 18
        if result.outputs is not None:
            np.testing.assert_array_equal(result.outputs, graph.run(x))
    document = save(found, {"model": "mixed"}, tmp_path)
    assert json.loads((tmp_path / "compare.json").read_text()) == document
    assert all(figure["source"] for column in document["columns"] for figure in column["figures"])
