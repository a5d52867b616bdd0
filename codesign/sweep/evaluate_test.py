"""Points through all stages, on small networks: against a build of the same, and with everything that may go wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import boards
from codesign.build import STEPS, run_steps
from codesign.errors import VerificationFailed
from codesign.ingest.testing import random_residual
from codesign.sweep import designs, finished
from codesign.sweep.cache import Cache
from codesign.sweep.evaluate import BUILDABLE, Evaluator
from codesign.sweep.judge import FAST, FITS, Judge
from codesign.sweep.point import Point, Row
from codesign.sweep.stages import simulate, synthesize
from codesign.sweep.stages.testing import Preset, Scores, Untrainable
from codesign.sweep.study import Constraint, Range, Study, TrainingPlan, VerifyPlan
from hw.design.design import Design
from hw.synth.yosys import Synthesis
from quant.training import rungs
from quant.training.rungs import Learner

POINT: Point = {"target_fps": 20_000, "board": "ulx3s"}
Run = Callable[..., Row]


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two QONNX files of one architecture: untrained and trained, say."""
    folder = tmp_path_factory.mktemp("networks")
    made = [random_residual(seed, channels=4) for seed in (1, 3)]
    first, second = (net.save_raw(output, folder / f"{i}.onnx") for i, (net, output) in enumerate(made))
    return first, second


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def evaluator(networks: tuple[Path, Path], cache: Path) -> Evaluator:
    """Of a study without training, on one network."""
    axes = {"target_fps": Range((1000, 20_000)), "board": Range(("ulx3s", "pynq_z2"))}
    study = Study("small", str(networks[0]), axes, ("latency_us", "lut"), verify=VerifyPlan(frames=12))
    return Evaluator(study, Cache(cache))


def trained(
    networks: tuple[Path, Path], cache: Path, monkeypatch: pytest.MonkeyPatch, learner: Scores, *limits: Constraint
) -> Evaluator:
    """Of a study with training: ``learner`` is what trains."""
    learner.weights = networks[1]
    asked = list[Any]()

    def make(*given: Any) -> Learner:
        asked.append(given)
        return learner

    monkeypatch.setattr(rungs, "learner", make)
    plan = TrainingPlan(rungs=(2, 4), seed=hash(tuple(learner.scores)) % 1000)  # nothing of another test is found
    study = Study("t", "preset", {"bits": Range((2, 4))}, ("accuracy", "lut"), {}, limits, training=plan)
    made = Evaluator(study, Cache(cache))
    made.designs.preset = Preset(networks[0])  # type: ignore[misc,assignment]
    return made


def test_the_figures_are_those_of_a_build(evaluator: Evaluator, tmp_path: Path) -> None:
    row = evaluator.evaluate(POINT, list)
    assert (row.stage, row.stopped, row.violations) == ("model", "", {}) and row.feasible
    assert set(row.decisions) == set(row.seconds) == {"estimate", "train", "model"}
    assert set(row.sources.values()) == {"model"} and row.sources.keys() == row.figures.keys()

    config = evaluator.artefacts(row, tmp_path / "point").config(tmp_path / "build")
    assert Path(config.model).parent == tmp_path / "point" and config.board == "ulx3s"
    run_steps(STEPS, config, stop_step="size_fifos")
    sized, performance = (
        json.loads((tmp_path / f"build/report/estimate_{name}.json").read_text())
        for name in ("layer_resources", "network_performance")
    )
    assert {kind: row.figures[kind] for kind in sized["total"]} == sized["total"]
    assert row.figures["interval"] == performance["max_cycles"]
    assert row.figures["fps"] == pytest.approx(performance["estimated_throughput_fps"]) and row.figures["fps"] >= 20_000
    cycles = row.figures["latency_us"] * performance["clock_mhz"]
    assert cycles == pytest.approx(performance["first_frame_cycles"])


def test_what_is_cached_is_not_made_again(evaluator: Evaluator, monkeypatch: pytest.MonkeyPatch) -> None:
    row = evaluator.evaluate(POINT, list)
    for where, what in ((designs, "lower"), (designs, "ingest_model"), (Judge, "at"), (finished, "compare")):
        monkeypatch.setattr(where, what, _never)
    again = Evaluator(evaluator.study, Cache(evaluator.designs.cache.folder)).evaluate(POINT, list)
    assert replace(again, seconds={}) == replace(row, seconds={})
    with pytest.raises(AssertionError, match="made again"):
        evaluator.evaluate({**POINT, "target_fps": 30_000}, list)


def _never(*_: Any, **__: Any) -> Any:
    raise AssertionError("made again")


def test_the_rtl_is_measured(evaluator: Evaluator) -> None:
    row = evaluator.evaluate(POINT, list)
    made = evaluator.verify(row, synthesize=False)
    measured = {"interval", "fps", "latency_us"}
    assert {name for name, source in made.sources.items() if source == "measured (RTL)"} == measured
    assert made.figures == row.figures and made.stage == "simulate" and made.feasible
    assert made.decisions["simulate"].startswith("240 integers of 24 frames")  # 10 scores, 12 frames in two runs


class Uncopied(np.ndarray):
    def __deepcopy__(self, _: Any) -> Any:
        raise AssertionError("the outputs were copied")


def test_the_outputs_are_not_copied(evaluator: Evaluator, monkeypatch: pytest.MonkeyPatch) -> None:
    run, row = simulate.rtl_run.run_rtl, evaluator.evaluate(POINT, list)

    def guarded(*arguments: Any) -> Any:
        made = run(*arguments)
        return replace(made, outputs=made.outputs.view(Uncopied))

    monkeypatch.setattr(simulate.rtl_run, "run_rtl", guarded)
    monkeypatch.setattr(simulate, "code_of", lambda *_, **__: "guarded")  # so it is not found in the cache
    assert evaluator.verify(row, synthesize=False).stage == "simulate"


def test_a_wrong_integer_ends_the_study(evaluator: Evaluator, monkeypatch: pytest.MonkeyPatch) -> None:
    emit = simulate.emit

    def wrong(design: Design, folder: Path) -> None:
        emit(design, folder)
        memory = next(folder.glob("matrix_vector_unit_1_*.hex"))
        first, *others = memory.read_text().split()
        memory.write_text("\n".join([f"{int(first, 16) ^ 1:0{len(first)}x}", *others]))

    row = evaluator.evaluate(POINT, list)
    monkeypatch.setattr(simulate, "emit", wrong)
    monkeypatch.setattr(simulate, "code_of", lambda *_, **__: "other")  # as other code would have
    with pytest.raises(VerificationFailed, match=r"differs from the integer graph in \d+ of 240 integers, first at fr"):
        evaluator.verify(row, synthesize=False)


@pytest.mark.parametrize("what", ["interval", "first_frame"])
def test_other_cycles_than_the_models_end_the_study(
    evaluator: Evaluator, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    row = evaluator.evaluate(POINT, list)

    def off(context: Any) -> Any:
        made = finished.finished(context)
        return replace(made, cycles={**made.cycles, what: made.cycles[what] + 1})

    monkeypatch.setattr(simulate, "finished", off)
    with pytest.raises(VerificationFailed, match=rf"has {what} [\d,]+ cycles, and its model [\d,]+"):
        evaluator.verify(row, synthesize=False)


def test_yosys_figures_take_the_models_place(evaluator: Evaluator, monkeypatch: pytest.MonkeyPatch) -> None:
    def made(design: Design, family: str, folder: Path) -> Synthesis:
        assert family == "ecp5" and folder.is_dir()
        total = replace(design.resources(family), lut=84_000)
        return Synthesis("top", family, folder, total, {}, 0.0)

    monkeypatch.setattr(synthesize, "synthesize", made)
    monkeypatch.setattr(synthesize, "code_of", lambda *_, **__: "faked")
    row = evaluator.evaluate(POINT, list)
    real = evaluator.verify(row, synthesize=True)
    assert real.stage == "synthesize" and real.figures["lut"] == 84_000
    assert real.sources["lut"] == real.sources["share"] == "yosys estimate" and real.sources["fps"] == "measured (RTL)"
    assert real.figures["share"] > 1 and FITS in real.violations and not real.feasible  # the shell takes the rest
    again = evaluator.verify(replace(real, seconds={**real.seconds, "simulate": 1000.0}), synthesize=True)
    assert again.seconds["simulate"] >= 1000  # what it took is not forgotten where it is found again


@pytest.mark.parametrize(
    ("constraint", "stage"),
    [
        (Constraint("latency_us", False, 0.90), "estimate"),
        (Constraint("latency_us", False, 0.97), "model"),
        (Constraint("fps", True, 1.01), "estimate"),
        (Constraint("lut", False, 0.85), "estimate"),
        (Constraint("lut", False, 0.95), "model"),
        (Constraint("lut", False, 1.0), ""),
        (Constraint("fps", True, 1.0), ""),
    ],
)
def test_limits_by_the_share_of_what_the_point_has(evaluator: Evaluator, constraint: Constraint, stage: str) -> None:
    """Rates are decided by the estimate, sizes with a leeway, and all of them at the end."""
    known = evaluator.evaluate(POINT, list).figures[constraint.figure]
    limit = replace(constraint, limit=constraint.limit * known)
    tight = Evaluator(replace(evaluator.study, constraints=(limit,)), evaluator.designs.cache)
    row = tight.evaluate(POINT, list)
    assert bool(row.violations) == bool(stage) != row.feasible
    assert row.stage == (stage or "model") and (str(limit) in row.stopped) == (stage == "estimate")
    if stage:
        found = row.figures[constraint.figure]
        assert row.violations == {str(limit): pytest.approx(abs(found - limit.limit) / limit.limit)}
        assert found == pytest.approx(known, rel=0.05)


def test_what_does_not_fit_or_is_too_slow_is_not_trained(
    networks: tuple[Path, Path], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = trained(networks, cache, monkeypatch, Untrainable())
    slow = judge.evaluate({"bits": 4, "board": "ulx3s", "target_fps": 5e6}, list)
    assert slow.stage == "estimate" and FAST in slow.violations and "cycles" in slow.stopped
    hasty = judge.evaluate({"bits": 4, "board": "ulx3s", "target_fps": 1e9}, list)
    assert hasty.stage == "estimate" and FAST in hasty.violations and not hasty.figures
    tiny = replace(boards.get("ulx3s"), name="tiny", luts=1_500)
    monkeypatch.setattr(boards, "get", lambda name: tiny)
    large = judge.evaluate({"bits": 4, "board": "ulx3s", "target_fps": 1000}, list)
    assert large.stage == "estimate" and FITS in large.violations and large.figures["share"] > 1
    assert "% of the LUT of ulx3s" in large.stopped and list(large.seconds) == ["estimate"]


def test_what_cannot_be_taken_exactly_is_not_trained(
    networks: tuple[Path, Path], cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    net, output = random_residual(5, channels=4)
    refused = net.save_raw(net.op("Sin", output), tmp_path / "sine.onnx")
    judge = trained((refused, networks[1]), cache, monkeypatch, Untrainable())
    for _ in range(2):  # that is kept too
        row = judge.evaluate({"bits": 4}, list)
        assert row.stage == "estimate" and row.violations == {BUILDABLE: 1} and "Sin" in row.stopped
        monkeypatch.setattr(designs, "ingest_model", _never)


def test_the_final_net_is_the_trained_one(
    networks: tuple[Path, Path], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = Scores([0.8, 0.9])
    judge = trained(networks, cache, monkeypatch, learner)
    row = judge.evaluate({"bits": 4}, list)
    assert (row.stage, row.feasible) == ("model", True) and learner.trained == ["rung 0", "rung 1", "final"]
    assert (row.figures["accuracy"], row.figures["test_accuracy"]) == (0.9, 0.75)
    assert row.sources["accuracy"] == row.sources["test_accuracy"] == "measured" and row.sources["lut"] == "model"
    made = judge.artefacts(row)
    assert made.network.read_bytes() == networks[1].read_bytes() != networks[0].read_bytes()
    assert made.inputs is not None and np.load(made.inputs).shape == (designs.REAL, 6, 16)
    assert judge.evaluate({"bits": 4}, list).figures == row.figures and len(learner.trained) == 3
    assert judge.evaluate({"bits": 2}, list).feasible and len(learner.trained) == 6  # another net


def test_another_point_stops_the_training(
    networks: tuple[Path, Path], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = Scores([0.5, 0.92])
    judge = trained(networks, cache, monkeypatch, learner)
    better = Row({"bits": 2}, {"accuracy": 0.95, "lut": 1.0}, {}, "model", slot=3)
    row = judge.evaluate({"bits": 4}, lambda: [better])
    assert row.stage == "train" and "point 3" in row.stopped and learner.trained == ["rung 0"]
    assert row.figures["accuracy"] == 0.5 and "test_accuracy" not in row.figures and not row.feasible


def test_a_net_whose_integers_differ_ends_the_study(evaluator: Evaluator, monkeypatch: pytest.MonkeyPatch) -> None:
    compare = finished.compare

    def wrong(*given: Any) -> Any:
        return replace(compare(*given), float64_differences=1)

    monkeypatch.setattr(finished, "compare", wrong)
    monkeypatch.setattr(finished, "REAL", 8)  # not what the cache has
    fresh = Evaluator(replace(evaluator.study, seed=99), evaluator.designs.cache)
    with pytest.raises(VerificationFailed, match="quantizer outputs differ"):
        fresh.evaluate(POINT, list)


def test_a_preset_is_trained_and_its_integers_score_what_the_row_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The IntegerGraph of the net that is built, on the test samples; the learner scored the net in torch."""
    monkeypatch.setenv("CODESIGN_CACHE", str(tmp_path))
    small = {"width": 2, "depth": 1, "kernel": 2, "weight_bits": 3}
    plan = TrainingPlan(float_epochs=1, rungs=(1, 2), folds=2)
    study = Study("real", "skeleton-tiny", {"act_bits": Range((4,))}, ("accuracy", "lut"), small, training=plan)
    judge = Evaluator(study)
    row = judge.evaluate({"act_bits": 4}, list)
    assert row.feasible and row.seconds.keys() == {"estimate", "train", "model"}
    model = judge.designs.model({"act_bits": 4})
    learner = rungs.learner(model, None, plan)  # type: ignore[arg-type]
    data, test = learner.data, learner.data.splits[0].test  # type: ignore[attr-defined]
    made = judge.artefacts(row)
    graph = designs.load_graph(judge.designs.graph(made.network))
    right = graph.infer(data.x[test].numpy()).reshape(len(test), -1).argmax(1) == data.y[test].numpy()
    assert row.figures["test_accuracy"] == pytest.approx(right.mean(), abs=1e-9)
    assert row.figures["accuracy"] == learner.at(1) and row.figures["macs"] == model.macs()  # type: ignore[union-attr]

    monkeypatch.setattr(rungs, "learner", _never)  # what is kept is enough
    assert Evaluator(study).evaluate({"act_bits": 4}, list).figures == row.figures
