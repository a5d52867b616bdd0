"""The unrolled Verilog against the graph; a rule that is broken is found, and its operator named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.build import BuildConfig
from codesign.compare.compare import explain
from codesign.compare.da4ml import Da4ml
from codesign.errors import UserError
from codesign.graph import IntegerGraph, Requantize
from codesign.graph.examples import Builder
from hw.da4ml.operators.functions import requantize
from hw.da4ml.registry import RULES
from hw.da4ml.trace import LIMIT

FRAMES = 100


def mlp(inputs: int, hidden: int, outputs: int, bits: int = 6) -> tuple[IntegerGraph, np.ndarray]:
    b = Builder((inputs,), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    scores = b.matmul(b.requantize(b.matmul("x", hidden), 0, 2 ** (bits - 1) - 1), outputs)
    return b.graph(scores, f"mlp_{inputs}_{hidden}_{outputs}"), b.frames(FRAMES)


def column(folder: Path, graph: IntegerGraph) -> Da4ml:
    made = Da4ml(BuildConfig("net", "zcu104", folder), folder)
    made.prepare(graph)
    return made


def test_every_integer_agrees(tmp_path: Path) -> None:
    graph, x = mlp(16, 32, 5)
    result = column(tmp_path, graph).run(x)
    assert result.agrees and result.outputs is not None and result.integers >= FRAMES * 5
    np.testing.assert_array_equal(result.outputs, graph.run(x))
    figures = {figure.what: figure.value for figure in result.figures}
    assert figures["cycles a frame"] == 1 and figures["latency (cycles)"] >= 2 and figures["LUT"] > 0


def test_a_broken_rule_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules: dict[Any, Any] = RULES.rules
    RULES.discover()

    def wrong(op: Requantize, x: np.ndarray) -> Any:
        made = requantize(op, x)
        made[0] = made[0] + 1
        return made

    graph, x = mlp(4, 4, 2)
    monkeypatch.setitem(rules, Requantize, wrong)
    broken = column(tmp_path, graph)
    result = broken.run(x)
    assert not result.agrees
    difference, why = explain(broken, graph, x, result)
    assert difference is not None and not why
    assert (difference.operator, difference.index, difference.found) == ("requantize1", (0,), difference.expected + 1)


def test_a_large_net_is_refused_before_it_is_unrolled(tmp_path: Path) -> None:
    b = Builder((40, 40, 8), -8, 7)
    graph = b.graph(b.conv("x", 16, (3, 3), ((1, 1), (1, 1))))
    with pytest.raises(UserError, match=rf"at most {LIMIT:,}"):
        column(tmp_path, graph)
