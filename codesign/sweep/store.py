"""A study in its storage: slots to claim, each for one design point, and the rows that came of them."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import optuna
from optuna.exceptions import UpdateFinishedTrialError

from codesign.digests import digest
from codesign.errors import UserError
from codesign.sweep import samplers
from codesign.sweep.database import Database, alone, failing_clearly
from codesign.sweep.leases import Counts, Lease, Tasks
from codesign.sweep.mirror import Mirror, directions
from codesign.sweep.point import Point, Row
from codesign.sweep.rows import dump, load
from codesign.sweep.study import Study

LEASE = 60.0
"""Seconds that a worker may be silent before its work is another's."""
VERIFIED = ("simulate", "synthesize")
"""What is made of the front, each a kind of task."""
DEFINITION = "definition"


class Claim:
    """A task of this worker's, until it is completed, given back, or lost.

    Attributes:
        kind: ``point``, or one of VERIFIED.
        slot: the point's number in the study.
        point: its values.
        tries: how often it was claimed, this time included, and not given back unharmed.
        lost: whether another worker has it now; what is completed then is dropped.
    """

    def __init__(self, store: Store, lease: Lease, point: Point, trial: int | None = None) -> None:
        self._store, self._lease, self._trial = store, lease, trial
        self.kind, self.slot, self.tries, self.point = lease.kind, lease.slot, lease.tries, point
        self.lost = False

    def beat(self) -> bool:
        """Say that the work goes on; False where it is another's now."""
        self.lost = self.lost or not self._store.tasks.beat(self._lease)
        return not self.lost

    def release(self, harmed: bool = False) -> None:
        """Give it back at once; ``harmed``: the try counts."""
        self._store.tasks.release(self._lease, harmed)

    def complete(self, row: Row) -> bool:
        """Keep ``row`` as the result; False, and nothing is kept, where the claim was lost."""
        row = replace(row, slot=self.slot)
        kept = self._store.tasks.finish(self._lease, {"row": dump(row), "trial": self._trial})
        self.lost = not kept
        if kept and self._trial is not None:
            with failing_clearly(self._store.name):
                self._store.mirror.end(self._trial, row, self._store.judged())
        return kept


class Store:
    """What ``open_store`` returns.

    Attributes:
        study: what is asked for.
        name: of the storage, for people.
        storage: Optuna's, such as for its dashboard.
        lease: seconds that a worker may be silent.
    """

    def __init__(self, study: Study, database: Database, number: int, lease: float) -> None:
        self.study, self.name, self.storage, self.lease = study, database.name, database.storage, lease
        self.tasks = Tasks(database, number, lease)
        self.mirror = Mirror(study, database.storage)
        self._known: dict[str, dict[int, tuple[int, Row]]] = {kind: {} for kind in ("point", *VERIFIED)}

    def claim(self, kind: str = "point") -> Claim | None:
        """Take the first task of ``kind`` that is not done and nobody works on; None where there is none now.

        Raises:
            Unreachable: the storage fails.
        """
        while lease := self.tasks.take(kind):
            if kind != "point":
                return Claim(self, lease, self.row(lease.slot).point)
            with failing_clearly(self.name), suppress(UpdateFinishedTrialError):
                trial, values = self.mirror.begin(lease.slot)
                return Claim(self, lease, {**self.study.fixed, **values}, trial)
            # Frozen between the two for so long that another worker has done the slot: there may be others.
        return None

    def _done(self, kind: str) -> dict[int, tuple[int, Row]]:
        """Return the trial and row of each slot that is done; a result never changes, so each is read once."""
        known = self._known[kind]
        new = self.tasks.finished(kind) - known.keys()
        for slot, value in self.tasks.values(kind, new).items():
            known[slot] = (value["trial"], load(value["row"]))
        return known

    def judged(self) -> list[Row]:
        """Return what the models know of the points, by slot."""
        return [row for _, (_, row) in sorted(self._done("point").items())]

    def rows(self) -> list[Row]:
        """Return what is known of the points that are judged, by slot; the verified ones with what was measured."""
        rows = {row.slot: row for row in self.judged()}
        for kind in VERIFIED:
            rows |= {slot: row for slot, (_, row) in self._done(kind).items()}
        return [rows[slot] for slot in sorted(rows)]

    def row(self, slot: int) -> Row:
        """Return what is known of the point in ``slot``."""
        return next(row for row in self.rows() if row.slot == slot)

    def counts(self, kind: str = "point") -> Counts:
        """Count the points, or the tasks of another kind, by what becomes of them."""
        return self.tasks.counts(kind)

    @property
    def finished(self) -> bool:
        """Whether all points are judged."""
        counts = self.counts()
        return counts.done == counts.total

    def want_verified(self, kind: str, slots: Iterable[int]) -> None:
        """Add tasks of ``kind`` (one of VERIFIED) for the points in ``slots``; those that are there stay."""
        self.tasks.add(kind, slots)

    def put_verified(self, slot: int, row: Row, kind: str = "simulate") -> None:
        """Keep what was measured of the point in ``slot``, unless that is known already or another worker is at it."""
        self.want_verified(kind, [slot])
        lease = self.tasks.take(kind, slot)
        if lease:
            Claim(self, lease, row.point).complete(row)

    def repair(self) -> None:
        """Finish the trials of points that are judged, which a killed worker left."""
        with failing_clearly(self.name):
            self.mirror.repair(self._done("point"))


def open_store(url_or_path: str | Path, study: Study, *, create: bool = True, lease: float = LEASE) -> Store:
    """Open the study in its storage, made where it is new; workers may do so at the same time.

    Args:
        url_or_path: a file (SQLite), or ``postgresql://USER:PASSWORD@HOST/DATABASE`` for many machines.
        study: what is asked for; with more ``trials`` than before, the slots that it lacks are added.
        create: whether the study is made where there is none.
        lease: seconds that a worker may be silent before its work is another's.

    Raises:
        UserError: the storage cannot be opened, or has another study of that name.
    """
    wanted = samplers.slots(study)
    with alone(url_or_path, create) as database:
        number = _study(database, study, create)
        store = Store(study, database, number, lease)
        attributes = database.storage.get_study_user_attrs(number)
        if DEFINITION not in attributes:
            store.tasks.clear()
            database.storage.set_study_user_attr(number, DEFINITION, definition(study))
        else:
            _check_same(attributes[DEFINITION], definition(study), study.name, database.name)
        if create:
            store.tasks.add("point", range(wanted))
    store.repair()
    return store


def _study(database: Database, study: Study, create: bool) -> int:
    """Return Optuna's number of the study; one that others made is refused."""
    storage = database.storage
    try:
        number = storage.get_study_id_from_name(study.name)
    except KeyError:
        if not create:
            raise UserError(f"The storage {database.name} has no study {study.name!r}: start it first.") from None
        number = storage.create_new_study(directions(study), study.name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            optuna.load_study(study_name=study.name, storage=storage).set_metric_names(list(study.objectives))
    if DEFINITION not in storage.get_study_user_attrs(number) and storage.get_n_trials(number):
        raise UserError(
            f"The storage {database.name} has a study {study.name!r} that was not made by a sweep: give this one "
            "another name, or use another storage."
        )
    return number


def definition(study: Study) -> dict[str, Any]:
    """Return all of a study that changes what comes out of a point, as JSON has it."""
    whole = asdict(study)
    whole["verify"] = {"frames": study.verify.frames}
    del whole["name"], whole["trials"]
    # Rows of another network or other data under the same name are not this one's.
    if study.model.endswith(".onnx"):
        whole["model"] = [study.model, digest(Path(study.model))]
    if study.data is not None:
        whole["data"] = [str(study.data), digest(study.data)]
    plain: dict[str, Any] = json.loads(json.dumps(whole, default=str))
    return plain


def _check_same(old: dict[str, Any], new: dict[str, Any], name: str, storage: str) -> None:
    differing = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    if not differing:
        return
    what = "; ".join(f"its {key} is {json.dumps(old.get(key))}, not {json.dumps(new.get(key))}" for key in differing)
    raise UserError(
        f"The storage {storage} has another study named {name!r} ({what}): give this one another name, use another "
        f"storage, or delete that one with optuna delete-study --study-name {name} --storage URL."
    )
