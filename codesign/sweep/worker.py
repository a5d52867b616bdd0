"""A worker: judges points until none is left, then verifies the front; start as many as there are cores."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from codesign.errors import CodesignError, ToolFailed, UserError
from codesign.sweep.beside import beside
from codesign.sweep.ending import sigterm_raises
from codesign.sweep.point import Point, Row
from codesign.sweep.store import VERIFIED, Claim, Store
from codesign.sweep.study import Study

TRIES = 2
"""How often a point may end in an error that is not its own before it is given up."""
DEATHS = 5
"""How often a point may be claimed and never come back, such as for want of memory, before it is given up."""
PAUSE = 1.0
"""Seconds between two looks for work that others may leave."""
_log = logging.getLogger(__name__)


class Evaluator(Protocol):
    """What judges points: ``codesign.sweep.evaluate.Evaluator``."""

    def evaluate(self, point: Point, front: Callable[[], list[Row]]) -> Row:
        """Judge ``point``; ``front`` returns the rows that are known by now."""

    def verify(self, row: Row, synthesize: bool) -> Row:
        """Measure what was modelled."""


class Lost(Exception):
    """The point is another worker's now: this one was silent for too long."""


def work(study: Study, store: Store, evaluator: Evaluator, tell: Callable[[Claim, Row], None] | None = None) -> None:
    """Judge points until all are, by this worker or others; then verify the front.

    SIGTERM and ctrl-C give the point at hand back at once. After ``kill -9`` it is another worker's when its lease
    ends.

    Args:
        study: what is asked for.
        store: where its slots are.
        evaluator: judges a point.
        tell: called after each point that this worker completed.

    Raises:
        CodesignError: what is no point's fault. MissingTool: a tool is not there. VerificationFailed: hardware or
            integers are not the network's: nothing of the study can be trusted. Unreachable: the storage failed.
            Any other: such as a full disk.
        Terminated: SIGTERM came.
    """
    with sigterm_raises():
        _all(store, "point", evaluator, tell)
        store.repair()
        while any(_want(study, store, kind) for kind in VERIFIED):
            for kind in VERIFIED:
                _all(store, kind, evaluator, tell)


def _all(store: Store, kind: str, evaluator: Evaluator, tell: Callable[[Claim, Row], None] | None) -> None:
    """Do the tasks of ``kind`` until all are done; waits while others still work, for they may be killed."""
    while True:
        claim = store.claim(kind)
        if claim is not None:
            row = _do(claim, store, evaluator)
            if row is not None and tell is not None:
                tell(claim, row)
            continue
        counts = store.counts(kind)
        if counts.done == counts.total:
            return
        time.sleep(min(PAUSE, store.lease / 4))


def _do(claim: Claim, store: Store, evaluator: Evaluator) -> Row | None:
    """Do one task; None where nothing came of it, so that it is to be done again."""
    try:
        with _beating(claim, store.lease / 6):
            row = _result(claim, store, evaluator)
    except Lost:
        _log.warning("Point %d was silent for too long; another worker has it.", claim.slot)
        return None
    except BaseException:
        claim.release()
        raise
    if row is None:
        claim.release(harmed=True)
        return None
    return row if claim.complete(row) else None


def _result(claim: Claim, store: Store, evaluator: Evaluator) -> Row | None:
    def rows() -> list[Row]:
        if claim.lost:
            raise Lost
        return store.rows()

    if claim.tries > DEATHS:
        return _stopped(claim, store, f"its worker was killed {claim.tries - 1} times")
    try:
        if claim.kind == "point":
            return evaluator.evaluate(claim.point, rows)
        return evaluator.verify(store.row(claim.slot), claim.kind == "synthesize")
    except (UserError, ToolFailed) as error:
        return _stopped(claim, store, str(error))
    except (CodesignError, Lost):
        raise
    except Exception as error:
        _log.exception("Point %d ended in an error (try %d): %s", claim.slot, claim.tries, dict(claim.point))
        return _stopped(claim, store, f"{type(error).__name__}: {error}") if claim.tries >= TRIES else None


def _stopped(claim: Claim, store: Store, reason: str) -> Row:
    """Return the row of a point that goes no further."""
    if claim.kind == "point":
        return Row(claim.point, {}, {}, "estimate", reason)
    row = store.row(claim.slot)
    _log.error("Point %d, whose models were judged good, failed: %s", claim.slot, reason)
    return Row(**{**vars(row), "stage": claim.kind, "stopped": reason})


def _want(study: Study, store: Store, kind: str) -> bool:
    """Add what of the front is to be verified; whether anything of that is still to be done.

    The front is that of the models: what is measured moves it, and would ask for ever more points.
    """
    chosen = to_verify(study, store.judged(), kind)
    store.want_verified(kind, [row.slot for row in chosen])
    counts = store.counts(kind)
    return counts.done < counts.total


def to_verify(study: Study, rows: Sequence[Row], kind: str) -> list[Row]:
    """Return the points of the front that ``kind`` is done for: where there are too many, evenly along the front."""
    front = sorted(study.front(rows), key=lambda row: (row.figures[study.objectives[0]], row.slot))
    simulated = _evenly(front, study.verify.simulate)
    return simulated if kind == "simulate" else _evenly(simulated, study.verify.synthesize)


def _evenly(rows: Sequence[Row], count: int) -> list[Row]:
    """Return ``count`` of the rows with both ends among them."""
    if count >= len(rows):
        return list(rows)
    last = len(rows) - 1
    return [rows[round(index * last / max(1, count - 1))] for index in range(count)]


def _beating(claim: Claim, interval: float) -> AbstractContextManager[None]:
    """Keep the claim alive while the block runs."""

    def beat(over: threading.Event) -> None:
        while not over.wait(interval):
            try:
                if not claim.beat():
                    return
            except CodesignError as error:  # a short outage; the lease outlasts it or is lost
                _log.warning("%s", error)

    return beside(beat)
