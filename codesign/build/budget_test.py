"""A design over its board's budget is refused, with what would fit."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import boards
from codesign.build.budget import beside_shell, check_budget, excess, part_of
from codesign.build.config import BuildConfig
from codesign.errors import UserError
from codesign.graph.examples import residual_1d
from codesign.mapping.folding import fold_for_interval
from hw.kernels.kernel import Resources
from hw.lowering import fold, lower


def test_excess_names_what_is_exceeded() -> None:
    assert excess(Resources(10, 5, 3, 0), Resources(7, 5, 4, 0)) == {"lut": 3}
    assert excess(Resources(8, 5, 3, 0), Resources(7, 5, 4, 0)) == {"lut": 1}
    assert excess(Resources(1, 1, 1, 1), Resources(1, 1, 1, 1)) == {}


def test_the_sentence_says_how_much_and_what_would_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, _ = residual_1d(3)
    lowered = lower(graph, "ecp5")
    fast = fold(lowered, fold_for_interval(lowered, 150))
    slow = fold(lowered, fold_for_interval(lowered, 5_000))
    needed, least = fast.resources("ecp5").lut, slow.resources("ecp5").lut
    assert least < needed
    board = boards.get("ulx3s")
    shell, limit = board.luts - beside_shell(board).lut, (needed + least) // 2
    small = replace(board, luts=limit + shell)
    monkeypatch.setattr(boards, "get", lambda name: small)
    config = BuildConfig("m.onnx", "ulx3s", Path("unused"))
    check_budget(config, lowered, slow)
    with pytest.raises(UserError) as refused:
        check_budget(config, lowered, fast)
    text = str(refused.value)
    assert f"needs {needed - limit} LUT more than the {limit} of it on ulx3s beside its shell (model estimate)" in text
    found = re.search(r"--target-fps ([\d.e+]+) would fit", text)
    assert found
    interval = int(config.clock_mhz * 1e6 / float(found[1]))
    part = part_of(config)
    assert fold(lowered, fold_for_interval(lowered, interval, part)).resources("ecp5").lut <= limit
    with pytest.raises(UserError, match="more than"):
        fold_for_interval(lowered, int(interval * 0.98), part)
    small = replace(small, luts=shell + least // 2)
    with pytest.raises(UserError, match="no folding of this model fits this board"):
        check_budget(config, lowered, fast)
