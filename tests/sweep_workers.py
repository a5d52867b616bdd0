"""Worker processes on a small study whose points cost next to nothing, and somebody who kills them."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import optuna

from codesign.sweep.point import Point, Row, Value
from codesign.sweep.store import Claim, open_store
from codesign.sweep.study import Constraint, Range, Study, VerifyPlan
from codesign.sweep.worker import work

AXES = {
    "bits": Range(choices=(2, 3, 4, 6, 8)),
    "width": Range(low=4, high=64, step=4),
    "rate": Range(low=1e-4, high=1e-1, log=True),
    "board": Range(choices=("pynq_z2", "zybo_z7_10")),
}
PLAN = multiprocessing.get_context("forkserver")
PLAN.set_forkserver_preload(["tests.sweep_workers"])


def small_study(trials: int | None = 20, **changes: object) -> Study:
    """A study with an axis of every kind."""
    whole: dict[str, object] = {
        "name": "small",
        "model": "none",
        "axes": AXES,
        "objectives": ("accuracy", "lut"),
        "constraints": (Constraint("fps", True, 500),),
        "sampler": "random",
        "trials": trials,
        "verify": VerifyPlan(simulate=3, synthesize=1),
    }
    return Study(**{**whole, **changes})  # type: ignore[arg-type]


def known_figures(point: Mapping[str, Value]) -> dict[str, float]:
    """Figures by a closed form: wide nets of many bits recognise more, cost more and are slower."""
    size = float(point["bits"]) * float(point["width"])
    return {"accuracy": size / (size + 20), "lut": 40 * size, "fps": 2e4 / float(point["width"])}


@dataclass
class QuickEvaluator:
    """Takes ``seconds`` a point; what it verified it notes in ``log``, a line each."""

    study: Study
    seconds: float = 0
    log: Path | None = None

    def evaluate(self, point: Point, front: Callable[[], list[Row]]) -> Row:
        """Figures by the closed form."""
        time.sleep(self.seconds)
        front()
        figures = known_figures(point)
        return Row(point, figures, dict.fromkeys(figures, "model"), "model", "", self.study.violations(figures))

    def verify(self, row: Row, synthesize: bool) -> Row:
        """The same figures with another source."""
        time.sleep(self.seconds)
        stage = "synthesize" if synthesize else "simulate"
        note(self.log, f"{stage} {row.slot}")
        sources = {**row.sources, "lut" if synthesize else "fps": "yosys estimate" if synthesize else "measured (RTL)"}
        return Row(**{**vars(row), "stage": stage, "sources": sources})


def note(log: Path | None, line: str) -> None:
    """Append a line, whole, whoever else does."""
    if log is not None:
        with log.open("a") as file:
            file.write(line + "\n")


def run_worker(url: str, study: Study, seconds: float, lease: float, log: Path) -> None:
    """Be a worker; notes each point that it completed."""

    def tell(claim: Claim, _row: Row) -> None:
        note(log, f"{claim.kind} {claim.slot} by {os.getpid()}")

    work(study, open_store(url, study, lease=lease), QuickEvaluator(study, seconds, log), tell)


def start_worker(url: str, study: Study, seconds: float, lease: float, log: Path) -> BaseProcess:
    """Start one in a process of its own."""
    worker = PLAN.Process(target=run_worker, args=(url, study, seconds, lease, log))
    worker.start()
    return worker


def storm(
    url: str, study: Study, log: Path, *, workers: int, seconds: float, lease: float, every: tuple[float, float]
) -> int:
    """Run workers until the study is done; ``kill -9`` one at random every so often, and start another for it.

    One in four is not killed but frozen until its lease is over: it wakes up to work that is another's.

    Returns:
        How many were killed.
    """
    chance, killed = random.Random(study.seed), 0
    alive = [start_worker(url, study, seconds, lease, log) for _ in range(workers)]
    try:
        while all(worker.is_alive() for worker in alive):
            time.sleep(chance.uniform(*every))
            index = chance.randrange(workers)
            pid = alive[index].pid
            if not alive[index].is_alive() or pid is None:
                break
            if chance.random() < 0.25:
                os.kill(pid, signal.SIGSTOP)
                time.sleep(1.5 * lease)
                os.kill(pid, signal.SIGCONT)
                continue
            os.kill(pid, signal.SIGKILL)
            alive[index].join()
            killed += 1
            alive[index] = start_worker(url, study, seconds, lease, log)
        for worker in alive:
            worker.join(120)
            if worker.exitcode != 0:
                raise AssertionError(f"a worker ended with {worker.exitcode}")
    finally:
        for worker in alive:
            worker.kill()
            worker.join()
    return killed


def optuna_slots(url: str, study: Study) -> list[int]:
    """Slots of the trials that Optuna counts as complete, as anyone who opens the storage with it finds them."""
    trials = optuna.load_study(study_name=study.name, storage=url).trials
    return sorted(trial.user_attrs["slot"] for trial in trials if trial.state == optuna.trial.TrialState.COMPLETE)
