"""The table of accuracies."""

from __future__ import annotations

import json
from pathlib import Path

from quant.training import report
from quant.training.splits import Accuracies, SplitResult, summary

ABOUT = {
    "data": "ramps",
    "protocol": "two halves",
    "seed": 0,
    "recipe": {"float_epochs": 3, "dropout": {"a": 0.2, "b": 0.3}, "clip": 2.0},
}


def table(tmp_path: Path, rows: list[SplitResult]) -> tuple[str, dict[str, object]]:
    report.write(tmp_path / "out" / "table.json", "net", "codesign train net", {**ABOUT, **summary(rows)})
    return (tmp_path / "out" / "table.md").read_text(), json.loads((tmp_path / "out" / "table.json").read_text())


def test_table_and_json_hold_the_numbers_computed_by_hand(tmp_path: Path) -> None:
    text, content = table(tmp_path, [SplitResult(1, 100, 99, 0.9, 0.95), SplitResult(2, 99, 100, 0.94, 0.95)])
    assert "| **mean** | | | **92.00%** (95.00%) |" in text
    assert "| std | | | 2.00% (0.00%) |" in text
    assert "| 2 | 99 | 100 | 94.00% (95.00%) |" in text
    assert "`codesign train net`" in text
    assert "protocol two halves, float epochs 3, dropout 0.2 / 0.3, clip 2.0" in text
    assert abs(float(str(content["quantized_mean"])) - 0.92) < 1e-12
    assert content["command"] == "codesign train net"
    assert "members" not in content


def test_it_says_what_the_halves_do_not_share(tmp_path: Path) -> None:
    """Not every protocol is by subject; and one split has no deviation."""
    row = SplitResult(1, 100, 99, 0.9, 0.95)
    for by in ("subject", "camera", "sequence"):
        text = report.markdown({"model": "net", "command": "", **ABOUT, "split_by": by, **summary([row])})
        assert f"no {by} is in both halves of a split" in text
        assert "std" not in text


def test_an_ensembles_members_have_columns_of_their_own(tmp_path: Path) -> None:
    rows = [
        SplitResult(1, 10, 10, 1.0, 0.9, {"a": Accuracies(0.8, 0.7), "b": Accuracies(0.6, 0.5)}),
        SplitResult(2, 10, 10, 0.8, 0.9, {"a": Accuracies(0.6, 0.7), "b": Accuracies(0.2, 0.5)}),
    ]
    text, content = table(tmp_path, rows)
    assert "| split | training sequences | test sequences | a | b | all fused |" in text
    assert "| 1 | 10 | 10 | 80.00% (70.00%) | 60.00% (50.00%) | 100.00% (90.00%) |" in text
    assert "| **mean** | | | **70.00%** (70.00%) | **40.00%** (50.00%) | **90.00%** (90.00%) |" in text
    assert "| std | | | 10.00% (0.00%) | 20.00% (0.00%) | 10.00% (0.00%) |" in text
    members = content["members"]
    assert isinstance(members, dict)
    assert abs(members["b"]["quantized_mean"] - 0.4) < 1e-12
