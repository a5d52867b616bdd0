"""After which rung a point stops, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesign.sweep.cache import Cache
from codesign.sweep.designs import Designs
from codesign.sweep.point import Row
from codesign.sweep.stages.stage import Outcome
from codesign.sweep.stages.testing import Preset, Scores, Untrainable, context
from codesign.sweep.stages.train import Train, slack
from codesign.sweep.study import Constraint, Range, Study, TrainingPlan
from quant.training.rungs import Learner

COSTS = {"lut": 1000.0, "latency_us": 10.0}
PLAN = TrainingPlan(rungs=(4, 12, 24))


def study(*objectives: str, per: str = "", constraints: tuple[Constraint, ...] = ()) -> Study:
    return Study("s", "preset", {"bits": Range((4,))}, objectives, {}, constraints, per, training=PLAN)


def trained(given: Study, learner: Learner, *rows: Row) -> Outcome:
    designs = Designs(given, Cache(Path("unused")))
    designs.preset = Preset(Path("unused"))  # type: ignore[misc,assignment]
    return Train().run(context(given, designs, learner, COSTS, *rows))


def row(accuracy: float, lut: float = 1000, latency_us: float = 10, board: str = "pynq_z2", stopped: str = "") -> Row:
    figures = {"accuracy": accuracy, "lut": lut, "latency_us": latency_us}
    return Row({"board": board}, figures, {}, "model", stopped, slot=7)


THREE = study("accuracy", "lut", "latency_us")


def test_a_good_one_is_trained_to_the_end() -> None:
    learner = Scores([0.5, 0.7, 0.9])
    done = trained(THREE, learner)
    assert (done.figures, done.stopped) == ({"accuracy": 0.9}, "") and done.sources() == {"accuracy": "measured"}
    assert learner.trained == ["rung 0", "rung 1", "rung 2"] and done.decision == "accuracy 0.9 after 24 epochs"


@pytest.mark.parametrize(
    ("better", "rungs"),
    [
        (row(0.70), 1),  # no worse in any cost, and more accurate than 0.55 can become
        (row(0.70, lut=900, latency_us=9), 1),
        (row(0.61), 2),  # after rung 0, 0.55 may still become 0.653; after rung 1, 0.53 no more than 0.6
        (row(0.60), 3),  # ... and 0.60 is not above that, but above 0.57 + 0.02
        (row(0.58), 0),
        (row(0.57 + slack(24, 24), lut=900), 0),  # no more than what this one may become
        (row(0.99, lut=1001), 0),
        (row(0.99, latency_us=10.5), 0),
        (row(0.99, stopped="no"), 0),
    ],
)
def test_it_stops_where_another_is_better_by_more_than_is_left_to_gain(better: Row, rungs: int) -> None:
    learner = Scores([0.55, 0.53, 0.57])
    done = trained(THREE, learner, better)
    assert bool(done.stopped) == bool(rungs) and len(learner.trained) == (rungs or 3)
    assert done.figures == {"accuracy": learner.scores[(rungs or 3) - 1]}
    if rungs:
        assert "point 7 is no worse in any cost" in done.stopped
        assert done.stopped.startswith(f"accuracy {done.figures['accuracy']:g} after {PLAN.rungs[rungs - 1]} of 24")


def test_a_net_that_diverges_stops_without_a_score() -> None:
    done = trained(THREE, Scores([0.5, float("nan"), 0.9]))
    assert done.stopped == "The training diverged within 12 epochs." and not done.figures


def test_what_is_left_to_gain_falls_to_the_noise() -> None:
    assert [slack(epochs, 24) for epochs in (4, 12, 24)] == pytest.approx([0.02 + 0.1 * 20 / 24, 0.07, 0.02])


def test_fronts_of_other_boards_do_not_count() -> None:
    boards = study("accuracy", "lut", "latency_us", per="board")
    assert not trained(boards, Scores([0.5, 0.5, 0.5]), row(0.99, board="zcu104")).stopped
    assert trained(boards, Scores([0.5, 0.5, 0.5]), row(0.99)).stopped


def test_a_constraint_that_is_out_of_reach() -> None:
    least = study("lut", constraints=(Constraint("accuracy", True, 0.95),))
    cases: list[tuple[list[float], int]] = [
        ([0.8, 0.9, 0.95], 1),
        ([0.86, 0.87, 0.95], 2),
        ([0.86, 0.9, 0.94], 3),  # after the last rung it is decided
        ([0.86, 0.9, 0.95], 0),
    ]
    for scores, rungs in cases:
        learner = Scores(scores)
        done = trained(least, learner)
        assert (len(learner.trained), bool(done.stopped)) == (rungs or 3, bool(rungs))
        assert not rungs or "accuracy >= 0.95 is out of reach" in done.stopped


def test_where_the_score_is_no_objective_the_costs_decide_before_the_training() -> None:
    least = study("lut", "latency_us", constraints=(Constraint("accuracy", True, 0.5),))
    assert "point 7" in trained(least, Untrainable(), row(0.6, lut=999)).stopped
    assert not trained(least, Scores([0.6, 0.6, 0.6]), row(0.6)).stopped  # equals are on the front too


def test_an_error_is_judged_relative_to_itself() -> None:
    class Errors(Scores):
        score = "error"

    def run(theirs: float) -> int:
        given = study("error", "lut")
        designs = Designs(given, Cache(Path("unused")))
        designs.preset = Preset(Path("unused"), joints=0)  # type: ignore[misc,assignment]
        learner = Errors([0.036, 0.040, 0.040])
        better = Row({}, {"error": theirs, "lut": 1000}, {}, "model", slot=7)
        stopped = Train().run(context(given, designs, learner, COSTS, better)).stopped
        return len(learner.trained) if stopped else 0

    assert [run(theirs) for theirs in (0.032, 0.037, 0.038, 0.0395)] == [1, 2, 3, 0]


def test_without_a_score_nothing_is_trained() -> None:
    done = trained(study("lut"), Untrainable(), row(0.99, lut=1))
    assert not done.figures and not done.stopped and "nothing to train" in done.decision
