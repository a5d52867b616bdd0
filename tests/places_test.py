"""The accelerator's Verilog against the model: the same package at the places ``sim`` and ``reference``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from codesign_board import Accelerator, Package
from codesign_board.compare import compare
from codesign_board.samples import Samples

import quant.models


def test_the_simulated_board_agrees_with_the_model(simulated_board: Path) -> None:
    package = simulated_board / "deploy"
    with Accelerator.load(package, "reference") as model, Accelerator.load(package, "sim", stalls=0.1) as board:
        result = compare(model, board, frames=100)
        result.raise_for_mismatch()
        assert (result.places, result.frames, result.integers) == (("reference", "sim"), 196, 1960)


def test_the_package_of_a_preset_knows_what_it_shows(simulated_board: Path) -> None:
    package = Package.load(simulated_board / "deploy")
    samples, preset = Samples.of(package), quant.models.get("skeleton-tiny")
    assert package.tail.labels == preset.classes
    assert (samples.joints, len(samples.edges), samples.labels.tolist()) == (20, 19, [i % 10 for i in range(96)])
    scores = package.tail.run(samples.outputs)
    assert (np.argmax(scores, 1) == samples.labels).mean() > 0.4  # trained on people, shown puppets; chance is 0.1
