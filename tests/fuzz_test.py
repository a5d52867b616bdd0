"""Networks that once failed, and a few fresh ones, through the whole path."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesign.fuzz import trial
from codesign.fuzz.generate import generate
from codesign.fuzz.recipe import Recipe
from codesign.fuzz.trial import Verdict

CASES = sorted((Path(__file__).parent / "fuzz_cases").glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_once_failed_passes(path: Path) -> None:
    outcome = trial.run(Recipe.load(path))
    assert outcome.verdict is Verdict.PASSED, outcome.message


@pytest.mark.parametrize("seed", range(9000, 9040))
def test_fresh_networks_up_to_the_kernels_references(seed: int) -> None:
    outcome = trial.run(generate(seed), "lower")
    assert not outcome.failed, outcome.message


@pytest.mark.parametrize("seed", range(9100, 9106))
def test_fresh_networks_in_simulation(seed: int) -> None:
    outcome = trial.run(generate(seed))
    assert not outcome.failed, outcome.message
