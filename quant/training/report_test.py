"""The table of accuracies."""

from __future__ import annotations

import json
from pathlib import Path

from quant.training import report
from quant.training.splits import SplitResult, summary


def test_table_and_json_hold_the_same_numbers(tmp_path: Path) -> None:
    rows = [SplitResult(1, 100, 99, 0.9, 0.95), SplitResult(2, 99, 100, 0.94, 0.95)]
    about = {"data": "ramps", "seed": 0, **summary(rows)}
    report.write(tmp_path / "out" / "table.json", "net", "codesign train net", about)
    table = (tmp_path / "out" / "table.md").read_text()
    assert "| **mean** | | | **92.00%** | **95.00%** |" in table
    assert "| 2 | 99 | 100 | 94.00% | 95.00% |" in table
    assert "`codesign train net`" in table
    content = json.loads((tmp_path / "out" / "table.json").read_text())
    assert abs(content["quantized_mean"] - 0.92) < 1e-12
    assert content["command"] == "codesign train net"
