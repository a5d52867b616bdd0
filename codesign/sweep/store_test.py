"""Stores: slots, claims that end, studies that differ, storages that are none."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import optuna
import pytest

from codesign.errors import UserError
from codesign.sweep import leases
from codesign.sweep.point import Row
from codesign.sweep.store import Claim, Store, open_store
from codesign.sweep.study import Range, Study, TrainingPlan, VerifyPlan
from tests.sweep_workers import QuickEvaluator, known_figures, small_study, start_worker


def _claim(store: Store) -> Claim:
    claim = store.claim()
    assert claim is not None
    return claim


def _row(claim: Claim, **changes: object) -> Row:
    whole = {"point": claim.point, "figures": known_figures(claim.point), "sources": {}, "stage": "model"}
    return Row(**{**whole, **changes})  # type: ignore[arg-type]


def test_slots_are_claimed_in_order_and_rows_come_back_whole(tmp_path: Path) -> None:
    study = small_study(2, fixed={"clock_mhz": 100})
    store = open_store(tmp_path / "study.db", study)
    first, second = _claim(store), _claim(store)
    assert (first.slot, second.slot, store.claim()) == (0, 1, None)
    assert set(first.point) == {"clock_mhz", "bits", "width", "rate", "board"}
    row = _row(second, violations={"fps >= 500": 0.5}, decisions={"estimate": "fits"}, seconds={"model": 0.25})
    assert second.complete(row)
    assert open_store(tmp_path / "study.db", study).rows() == [Row(**{**vars(row), "slot": 1})]
    assert vars(store.counts()) == {"done": 1, "running": 1, "waiting": 0}
    assert not store.finished
    first.complete(_row(first))
    assert store.finished


def test_a_stale_claim_is_taken_over_with_its_point_and_can_no_longer_be_completed(tmp_path: Path) -> None:
    study = small_study(3)
    slow, quick = (open_store(tmp_path / "study.db", study, lease=lease) for lease in (0.05, 60))
    lost = _claim(slow)
    time.sleep(0.2)
    taken = _claim(quick)
    assert (taken.slot, taken.point, taken.tries) == (lost.slot, lost.point, 2)
    assert not lost.beat()
    assert lost.lost
    assert not lost.complete(_row(lost, figures={"accuracy": 1.0, "lut": 1.0}))
    lost.release()
    assert quick.counts().running == 1
    assert taken.complete(_row(taken))
    assert not taken.complete(_row(taken, figures={}))
    assert [dict(row.figures) for row in slow.rows()] == [known_figures(taken.point)]


def test_a_lost_worker_that_began_late_leaves_no_second_trial(tmp_path: Path) -> None:
    study = small_study(1)
    store = open_store(tmp_path / "study.db", study)
    claim = _claim(store)
    store.mirror._new(0)  # what a worker does that was frozen between taking a slot and starting its trial
    claim.complete(_row(claim))
    open_store(tmp_path / "study.db", study)
    trials = optuna.load_study(study_name="small", storage=f"sqlite:///{tmp_path / 'study.db'}").trials
    assert [trial.state.name for trial in trials] == ["COMPLETE", "FAIL"]


def test_a_worker_frozen_while_it_starts_a_point_that_others_finish_goes_on_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = small_study(2, sampler="nsga2")  # which writes values into a trial that is there
    slow, quick = (open_store(tmp_path / "study.db", study, lease=lease) for lease in (0.05, 60))
    write, others = slow.storage.set_trial_param, list[Claim]()

    def frozen(*values: object) -> None:
        if not others:
            time.sleep(0.2)
            others.append(_claim(quick))
            others[0].complete(_row(others[0]))
        write(*values)  # type: ignore[arg-type]

    monkeypatch.setattr(slow.storage, "set_trial_param", frozen)
    assert (_claim(slow).slot, others[0].slot) == (1, 0)


def test_a_worker_killed_before_optuna_was_told_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = small_study(1)
    store = open_store(tmp_path / "study.db", study)
    claim = _claim(store)
    monkeypatch.setattr(store.mirror, "end", lambda *_: None)
    claim.complete(_row(claim))
    storage = f"sqlite:///{tmp_path / 'study.db'}"
    assert optuna.load_study(study_name="small", storage=storage).trials[0].state.name == "RUNNING"
    open_store(tmp_path / "study.db", study)
    (trial,) = optuna.load_study(study_name="small", storage=storage).trials
    assert trial.values == [known_figures(claim.point)[name] for name in study.objectives]


def test_a_creator_killed_in_the_middle_leaves_a_study_that_the_next_one_completes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, path = small_study(9), tmp_path / "study.db"
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(leases.Tasks, "add", _dies)
        open_store(path, study)
    with sqlite3.connect(path) as file:
        number = file.execute("SELECT study_id FROM studies").fetchone()[0]
        file.execute("INSERT INTO codesign_tasks VALUES (?, 'point', 4, '', 0, 0, NULL)", [number])
    store = open_store(path, study)
    assert [_claim(store).slot for _ in range(9)] == list(range(9))
    assert store.claim() is None


def _dies(*_: object) -> None:
    raise KeyboardInterrupt


def test_workers_that_start_at_once_make_one_study(tmp_path: Path) -> None:
    study, log = small_study(8, verify=VerifyPlan(simulate=0)), tmp_path / "log"
    workers = [start_worker(str(tmp_path / "study.db"), study, 0, 30, log) for _ in range(4)]
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert len(log.read_text().splitlines()) == 8


def test_more_trials_add_slots_and_fewer_take_none_away(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    store = open_store(path, small_study(2))
    point = _claim(store).point
    assert open_store(path, small_study(5)).counts().total == 5
    assert open_store(path, small_study(3)).counts().total == 5
    alone = open_store(tmp_path / "other.db", small_study(5))
    assert _claim(alone).point == point


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"objectives": ("accuracy", "dsp")}, 'its objectives is ["accuracy", "lut"], not ["accuracy", "dsp"]'),
        ({"axes": {"bits": Range(choices=(2, 3))}}, "its axes is "),
        ({"training": TrainingPlan(seed=1)}, "its training is "),
        ({"seed": 1}, "its seed is 0, not 1"),
        ({"verify": VerifyPlan(frames=5)}, "its verify is "),
    ],
)
def test_two_studies_of_one_name_are_refused(changes: dict[str, object], said: str, tmp_path: Path) -> None:
    open_store(tmp_path / "study.db", small_study())
    with pytest.raises(UserError) as caught:
        open_store(tmp_path / "study.db", small_study(**changes))  # type: ignore[arg-type]
    assert said in str(caught.value)
    assert "another name" in str(caught.value)
    assert open_store(tmp_path / "study.db", small_study(name="two", **changes)).counts().total == 20  # type: ignore[arg-type]


def test_a_file_that_holds_another_network_is_another_study(tmp_path: Path) -> None:
    file = tmp_path / "net.onnx"
    study = small_study(model=str(file))
    file.write_text("one")
    open_store(tmp_path / "study.db", study)
    open_store(tmp_path / "study.db", study)
    file.write_text("two")
    with pytest.raises(UserError, match="its model is "):
        open_store(tmp_path / "study.db", study)


def test_a_study_that_optuna_deleted_begins_anew(tmp_path: Path) -> None:
    study, path = small_study(2), tmp_path / "study.db"
    claim = _claim(open_store(path, study))
    claim.complete(_row(claim))
    optuna.delete_study(study_name="small", storage=f"sqlite:///{path}")
    store = open_store(path, small_study(3, seed=5))
    assert (store.rows(), store.counts().total) == ([], 3)


def test_a_study_that_others_made_is_refused(tmp_path: Path) -> None:
    storage = f"sqlite:///{tmp_path / 'study.db'}"
    optuna.create_study(study_name="small", storage=storage).optimize(lambda trial: trial.suggest_float("x", 0, 1), 1)
    with pytest.raises(UserError, match="not made by a sweep"):
        open_store(tmp_path / "study.db", small_study())


def _folder(path: Path) -> str:
    return str(path)


def _nowhere(path: Path) -> str:
    return str(path / "none" / "study.db")


def _text(path: Path) -> str:
    (path / "text.db").write_text("This is a text, and a long one at that. " * 50)
    return str(path / "text.db")


def _foreign(path: Path) -> str:
    with sqlite3.connect(path / "foreign.db") as file:
        file.execute("CREATE TABLE birds (name TEXT)")
    return str(path / "foreign.db")


def _old(path: Path) -> str:
    open_store(path / "old.db", small_study())
    with sqlite3.connect(path / "old.db") as file:
        file.execute("UPDATE alembic_version SET version_num = 'v0.9.0.a'")
    return str(path / "old.db")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_folder, "is a folder"),
        (_nowhere, "there is no folder"),
        (_text, "cannot be opened (file is not a database)"),
        (_foreign, "holds something else (tables birds)"),
        (_old, "cannot be opened (The runtime optuna version"),
        (lambda _: "/proc/study.db", "The storage /proc/study.db cannot be opened"),
        (lambda _: "mysql://root@localhost/x", "of a kind that sweeps do not use"),
        (lambda _: "nonsense://", "sweeps do not use"),
        (lambda _: "sqlite://", "names no file"),
        (lambda _: "postgresql://ann:secret@127.0.0.1:9/x", "postgresql://ann:***@127.0.0.1:9/x cannot be opened"),
        (lambda _: "postgresql://ann:secret@127.0.0.1:port/x", "is no URL"),
    ],
)
def test_a_storage_that_is_none_is_refused_in_a_sentence(make: object, said: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        open_store(make(tmp_path), small_study())  # type: ignore[operator]
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_looking_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no storage"):
        open_store(tmp_path / "study.db", small_study(), create=False)
    assert not list(tmp_path.iterdir())
    open_store(tmp_path / "study.db", small_study())
    with pytest.raises(UserError, match="has no study 'two'"):
        open_store(tmp_path / "study.db", small_study(name="two"), create=False)


def test_what_was_measured_is_kept_once_and_takes_the_place_of_what_was_modelled(tmp_path: Path) -> None:
    study = small_study(1)
    store = open_store(tmp_path / "study.db", study)
    claim = _claim(store)
    claim.complete(_row(claim))
    evaluator = QuickEvaluator(study)
    store.put_verified(0, evaluator.verify(store.row(0), False))
    store.put_verified(0, _row(claim, figures={}))
    (row,) = open_store(tmp_path / "study.db", study).rows()
    assert (row.stage, row.sources["fps"], dict(row.figures)) == (
        "simulate",
        "measured (RTL)",
        known_figures(row.point),
    )


def test_optuna_shows_params_values_names_and_constraints(tmp_path: Path) -> None:
    study = small_study(3)
    store = open_store(tmp_path / "study.db", study)
    claims = [_claim(store) for _ in range(3)]
    claims[0].complete(_row(claims[0]))
    violations = {"fps >= 500": 0.5, "no BRAM left": 0.25}
    claims[1].complete(_row(claims[1], figures={"lut": 9.0}, violations=violations, stopped="too slow"))
    claims[2].complete(_row(claims[2], figures={}, stopped="no weights"))
    search: optuna.Study = optuna.load_study(study_name="small", storage=f"sqlite:///{tmp_path / 'study.db'}")
    assert search.metric_names == ["accuracy", "lut"]
    assert [direction.name for direction in search.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert [trial.params for trial in search.trials] == [dict(claim.point) for claim in claims]
    figures = known_figures(claims[0].point)
    # unknown values are the worst that is known: of the first point its accuracy, and the larger of two LUT counts
    assert search.trials[1].values == [figures["accuracy"], 9.0]
    assert search.trials[2].values == [figures["accuracy"], max(figures["lut"], 9.0)]
    given = [list(trial.constraints.values()) for trial in search.trials]
    assert given == [[0, 0, 0, 0], [0.5, 0, 0.25, 0.5], [0, 0, 0, 1]]
    assert [trial.number for trial in search.best_trials] == [0]


def test_a_study_of_a_grid_has_all_its_points_in_order(tmp_path: Path) -> None:
    axes = {"bits": Range(choices=(8, 2)), "width": Range(low=4, high=9, step=2)}
    study = Study("grid", "none", axes, ("lut",), sampler="grid")
    store = open_store(tmp_path / "study.db", study)
    points = [tuple(_claim(store).point.values()) for _ in range(6)]
    assert points == [(8, 4), (8, 6), (8, 8), (2, 4), (2, 6), (2, 8)]
    assert store.claim() is None


def test_other_data_under_the_same_path_makes_another_study(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "a.txt").write_text("1")
    study = small_study(2, data=data)
    open_store(tmp_path / "study.db", study)
    open_store(tmp_path / "study.db", study)
    (data / "a.txt").write_text("2")
    with pytest.raises(UserError, match=r"another study named .*its data is"):
        open_store(tmp_path / "study.db", study)
