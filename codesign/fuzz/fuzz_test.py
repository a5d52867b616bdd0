"""The fuzzer finds faults that are planted, shrinks them, and keeps what it found."""

from __future__ import annotations

import dataclasses
import re
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from codesign.cli import codesign
from codesign.errors import UserError, VerificationFailed
from codesign.fuzz import campaign, trial
from codesign.fuzz.generate import generate
from codesign.fuzz.layers import LAYERS
from codesign.fuzz.layers.illegal import KINDS
from codesign.fuzz.recipe import Recipe
from codesign.fuzz.shrink import shrink
from codesign.fuzz.trial import Verdict
from codesign.graph import Conv, Requantize
from hw.kernels.kernel import Memory
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit

WINDOW = {"kernel": [3], "stride": [1], "pads": [1, 1], "dilation": [1]}
WEIGHT = {"weight_bits": 4, "per_channel": True, "power_of_two": False, "seed": 5}
QUANT = {"scale": 0.1, "bits": 4, "signed": 1, "mode": "ROUND", "narrow": 0}
CONV = {"op": "conv", "outputs": 4, "groups": 1, "bias": False, **WINDOW, **WEIGHT}
NET = Recipe(
    (3, 9),
    (
        {"op": "quant", "in": [0], **QUANT},
        {**CONV, "in": [1]},
        {"op": "bn", "in": [2], "seed": 3, "falling": True},
        {"op": "quant", "in": [3], **QUANT, "scale": 0.3},
        {**CONV, "in": [4]},
        {"op": "quant", "in": [5], **QUANT, "scale": 0.7},
    ),
)


def test_a_seed_gives_one_network() -> None:
    assert generate(7) == generate(7)
    assert len({repr(generate(seed)) for seed in range(20)}) == 20


def test_networks_are_varied_and_fit() -> None:
    made = [generate(seed) for seed in range(300)]
    assert all(recipe.fits() for recipe in made)
    seen = {layer["op"] for recipe in made for layer in recipe.layers}
    assert {"conv", "conv_transpose", "Add", "Mul", "concat", "slice", "max_pool", "average_pool", "upsample",
            "bipolar", "silu", "linear", "ArgMax", "depth_to_space", "shuffle", "global_average", "trunc", "top_k",
            "ReduceMean", "split", "gather", "matmul", "transpose", "illegal", "integers_in",
            "pad"} <= seen  # fmt: skip
    assert {layer["bits"] for recipe in made for layer in recipe.layers if "bits" in layer} >= set(range(1, 9))
    assert {layer.get("mode") for recipe in made for layer in recipe.layers} >= {"FLOOR", "CEIL", "HALF_UP"}


def test_every_layer_is_drawn() -> None:
    rare = {layer["op"] for seed in range(2500) for layer in generate(seed).layers}
    assert set(LAYERS) - rare == {"Exp"} - rare


def test_what_has_no_exact_form_must_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kind of it is refused with node, reason and remedy; were it taken, that would be a failure."""
    first, second = NET.layers[:2]
    for kind in KINDS:
        outcome = trial.run(Recipe((3, 9), (first, second, {"op": "illegal", "in": [1], "kind": kind})), "ingest")
        assert outcome.verdict is Verdict.REFUSED, (kind, outcome.message)
    monkeypatch.setattr(Recipe, "illegal", property(lambda self: True))
    assert trial.run(NET, "ingest").verdict is Verdict.MISMATCH


def test_a_plain_network_passes_the_whole_path() -> None:
    assert trial.run(NET).verdict is Verdict.PASSED


def test_a_saved_case_is_the_same(tmp_path: Path) -> None:
    generate(3).save(tmp_path / "case.json")
    again = Recipe.load(tmp_path / "case.json")
    assert again.build()[0].model(again.build()[1]) == generate(3).build()[0].model(generate(3).build()[1])
    (tmp_path / "case.json").write_text("{}")
    with pytest.raises(UserError, match="is no saved case of the fuzzer"):
        Recipe.load(tmp_path / "case.json")


def test_shrinking_leaves_what_is_needed() -> None:
    """The least network that still has a convolution of stride 2 is that convolution, on one channel."""
    recipe = next(
        r for r in map(generate, range(200))
        if len(r.layers) > 8 and any(s["op"] == "conv" and 2 in s["stride"] and s["outputs"] > 2 for s in r.layers)
    )  # fmt: skip

    def fails(candidate: Recipe) -> bool:
        return any(layer["op"] == "conv" and 2 in layer["stride"] for layer in candidate.layers)

    small = shrink(recipe, fails, tries=1000)
    assert fails(small) and small.fits()
    assert len(small.layers) == 1
    assert small.layers[0]["outputs"] == 1 and small.shape[0] == 1
    assert sorted(small.layers[0]["stride"])[:-1] in ([], [1])


def test_a_wrong_rounding_in_the_leaf_is_a_mismatch(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Requantize.run
    monkeypatch.setattr(
        Requantize, "run", lambda self, x: right(dataclasses.replace(self, offset=self.offset + 2**self.shift // 3), x)
    )
    outcome = trial.run(NET, "ingest")
    assert outcome.verdict in (Verdict.MISMATCH, Verdict.CRASHED)  # the ingest checks its requantizers by itself too
    monkeypatch.undo()
    run = Conv.run
    monkeypatch.setattr(Conv, "run", lambda self, x: run(self, x) + (x.sum() % 2 == 0))
    outcome = trial.run(NET, "ingest")
    assert outcome.verdict is Verdict.MISMATCH
    assert "float64" in outcome.message


def test_a_wrong_weight_in_hardware_is_a_mismatch(monkeypatch: pytest.MonkeyPatch) -> None:
    right = MatrixVectorUnit.memories

    def wrong(self: MatrixVectorUnit) -> dict[str, Memory]:
        return {n: Memory((m.words[0] ^ 1, *m.words[1:]), m.bits) for n, m in right(self).items()}

    monkeypatch.setattr(MatrixVectorUnit, "memories", wrong)
    outcome = trial.run(NET)
    assert (outcome.verdict, outcome.step) == (Verdict.MISMATCH, "simulate")
    assert re.search(r"RTL without stalls: \d+ of \d+ integers differ, the first at", outcome.message)


def test_what_breaks_or_hangs_is_shrunk_and_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "generate", lambda seed: NET)

    def broken(self: Conv, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        raise KeyError("planted")

    monkeypatch.setattr(Conv, "shape", broken)
    summary = campaign.run(range(1), "ingest", tmp_path, 1)
    assert summary.verdicts == {Verdict.CRASHED: 1}
    assert [layer["op"] for layer in Recipe.load(tmp_path / "seed_0.json").layers] == ["quant", "conv"]
    assert "planted" in (tmp_path / "seed_0.txt").read_text()
    assert (tmp_path / "seed_0.onnx").exists()

    monkeypatch.setattr(trial, "run", lambda *_: time.sleep(60))
    monkeypatch.setattr(campaign, "TIME_LIMIT", 0.3)
    assert campaign.run(range(1), "ingest", tmp_path, 1).verdicts == {Verdict.STUCK: 1}


def test_a_refusal_without_a_remedy_is_a_failure() -> None:
    assert trial._judged("m cannot be taken, for 1 reason:\n  - Conv 'a': b. Remedy: c.", "ingest").failed is False
    assert trial._judged("m cannot be taken: because", "ingest").failed
    assert trial._judged("m cannot be taken, for 1 reason:\n  - A 'a': b. Remedy: export the model again.", "").failed


def test_the_command_line(tmp_path: Path) -> None:
    run = CliRunner().invoke
    done = run(codesign, ["fuzz", "--count", "2", "--stop-step", "ingest", "--jobs", "1", "-o", str(tmp_path)])
    assert done.exit_code == 0, done.output
    counts = {w[0]: int(w[1]) for w in map(str.split, done.output.splitlines()) if len(w) == 2 and w[0] in set(Verdict)}
    assert sum(counts.values()) == 2
    NET.save(tmp_path / "case.json")
    done = run(codesign, ["fuzz", "--case", str(tmp_path / "case.json"), "--stop-step", "lower"])
    assert done.exit_code == 0 and "passed" in done.output


def test_a_failure_is_exit_status_4(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Conv, "run", lambda self, x: np.zeros((len(x), *self.shape(x.shape[1:])), np.int64))
    monkeypatch.setattr(campaign, "generate", lambda seed: NET)
    with pytest.raises(VerificationFailed, match="1 of 1 networks failed"):
        CliRunner().invoke(
            codesign, ["fuzz", "--count", "1", "--stop-step", "ingest", "-o", str(tmp_path)], catch_exceptions=False,
            standalone_mode=False,
        )  # fmt: skip
