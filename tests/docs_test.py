"""The documentation names what there is."""

from __future__ import annotations

import re
from pathlib import Path

from codesign.graph import Operator
from codesign.ingest import rules
from hw.hls4ml.rewriting import passes
from hw.kernels import kinds

DOCS = Path(__file__).parents[1] / "docs"
TABLE = (DOCS / "operators.md").read_text()
CELLS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in TABLE.splitlines() if line.startswith("| ")][2:]


def named(column: int) -> set[str]:
    return {name for row in CELLS for name in re.findall(r"`(\w+)`", row[column])}


def test_every_onnx_operator_with_a_rule_is_in_the_table() -> None:
    assert named(0) == set(rules.operators())


def test_every_operator_of_the_graph_is_in_the_table() -> None:
    words = {word for row in CELLS for word in re.findall(r"\w+", row[1])}
    assert {name for name, kind in Operator.kinds.items() if kind.__module__.startswith("codesign.")} <= words


def test_every_kernel_is_named() -> None:
    folders = {kind.sources()[0].parent.name for kind in kinds().values()}
    assert folders <= set(re.findall(r"`(\w+)`", TABLE))


def test_every_rewriting_for_hls4ml_is_named() -> None:
    rows = [line.split("|")[1] for line in (DOCS / "hls4ml.md").read_text().splitlines() if line.startswith("| `")]
    assert {each.name for each in passes()} <= set(re.findall(r"`(\w+)`", " ".join(rows)))
