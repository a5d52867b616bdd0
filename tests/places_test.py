"""The accelerator's Verilog against the model: the same package at the places ``sim`` and ``reference``."""

from __future__ import annotations

from pathlib import Path

from codesign_board import Accelerator
from codesign_board.compare import compare


def test_the_simulated_board_agrees_with_the_model(simulated_board: Path) -> None:
    package = simulated_board / "deploy"
    with Accelerator.load(package, "reference") as model, Accelerator.load(package, "sim", stalls=0.1) as board:
        result = compare(model, board, frames=100)
        result.raise_for_mismatch()
        assert (result.places, result.frames, result.integers) == (("reference", "sim"), 132, 1320)
