"""Tasks that many processes share: each is done exactly once, whoever is killed when.

One row a task in a table beside Optuna's own. A holder has it until its lease ends, by the database's clock; then
anyone may take it. Every step is one statement on one row, so it needs no more of the database than that a statement
is atomic: a result is written only by whom the row names as its holder, and only where there is none.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from codesign.sweep.database import Database

TABLE = sa.Table(
    "codesign_tasks",
    sa.MetaData(),
    sa.Column("study", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("slot", sa.Integer, primary_key=True),
    sa.Column("holder", sa.String(32), nullable=False, default=""),
    sa.Column("until", sa.Double, nullable=False, default=0.0),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("value", sa.Text),
)


@dataclass(frozen=True)
class Lease:
    """A task that was taken.

    Attributes:
        kind, slot: which.
        holder: random, of this taking alone.
        tries: how often it was taken, this time included, and not given back unharmed.
    """

    kind: str
    slot: int
    holder: str
    tries: int


@dataclass(frozen=True)
class Counts:
    """Tasks of a kind: with a result, with a live lease, with neither."""

    done: int
    running: int
    waiting: int

    @property
    def total(self) -> int:
        return self.done + self.running + self.waiting


class Tasks:
    """The tasks of a study.

    Args:
        database: where they are kept.
        study: Optuna's number of the study.
        seconds: length of a lease.
    """

    def __init__(self, database: Database, study: int, seconds: float) -> None:
        self.database, self.study, self.seconds = database, study, seconds

    def _of(self, kind: str) -> sa.ColumnElement[bool]:
        return (TABLE.c.study == self.study) & (TABLE.c.kind == kind)

    def _held(self, lease: Lease) -> sa.ColumnElement[bool]:
        mine = (TABLE.c.slot == lease.slot) & (TABLE.c.holder == lease.holder)
        return self._of(lease.kind) & mine & TABLE.c.value.is_(None)

    def clear(self) -> None:
        """Remove all, such as those of a study that is no longer."""
        with self.database.transaction() as connection:
            TABLE.create(connection, checkfirst=True)
            connection.execute(TABLE.delete().where(TABLE.c.study == self.study))

    def add(self, kind: str, slots: Iterable[int]) -> None:
        """Add the tasks that are not there yet."""
        rows = [{"study": self.study, "kind": kind, "slot": slot} for slot in slots]
        insert = postgresql_insert if self.database.engine.dialect.name == "postgresql" else sqlite_insert
        with self.database.transaction() as connection:
            if rows:
                connection.execute(insert(TABLE).on_conflict_do_nothing(), rows)

    def take(self, kind: str, slot: int | None = None) -> Lease | None:
        """Take the first task, or that of ``slot``, that has no result and nobody works on; None: there is none now."""
        holder = uuid.uuid4().hex
        now = self.database.now()
        free = self._of(kind) & TABLE.c.value.is_(None) & (TABLE.c.until < now)
        if slot is not None:
            free &= TABLE.c.slot == slot
        first = sa.select(TABLE.c.slot).where(free).order_by(TABLE.c.slot).limit(1).with_for_update(skip_locked=True)
        taking = (
            TABLE.update()
            .where(self._of(kind), TABLE.c.slot == first.scalar_subquery(), free)
            .values(holder=holder, until=now + self.seconds, tries=TABLE.c.tries + 1)
            .returning(TABLE.c.slot, TABLE.c.tries)
        )
        with self.database.transaction() as connection:
            row = connection.execute(taking).first()
        return Lease(kind, row.slot, holder, row.tries) if row else None

    def _change(self, lease: Lease, **values: Any) -> bool:
        with self.database.transaction() as connection:
            return connection.execute(TABLE.update().where(self._held(lease)).values(**values)).rowcount == 1

    def beat(self, lease: Lease) -> bool:
        """Begin the lease anew; False where the task was taken over."""
        return self._change(lease, until=self.database.now() + self.seconds)

    def release(self, lease: Lease, harmed: bool = False) -> bool:
        """Give the task back at once; ``harmed``: the try counts."""
        return self._change(lease, until=0.0, holder="", tries=TABLE.c.tries - (0 if harmed else 1))

    def finish(self, lease: Lease, value: Any) -> bool:
        """Write the result (JSON); False, and nothing is written, where the task was taken over."""
        return self._change(lease, value=json.dumps(value), until=0.0)

    def finished(self, kind: str) -> set[int]:
        """Return the slots that have a result."""
        asking = sa.select(TABLE.c.slot).where(self._of(kind), TABLE.c.value.is_not(None))
        with self.database.transaction() as connection:
            return set(connection.execute(asking).scalars())

    def values(self, kind: str, slots: Collection[int]) -> dict[int, Any]:
        """Return the results of ``slots``, as far as there are any."""
        if not slots:
            return {}
        some = TABLE.c.slot.between(min(slots), max(slots))
        asking = sa.select(TABLE.c.slot, TABLE.c.value).where(self._of(kind), TABLE.c.value.is_not(None), some)
        with self.database.transaction() as connection:
            return {slot: json.loads(value) for slot, value in connection.execute(asking) if slot in slots}

    def counts(self, kind: str) -> Counts:
        """Count the tasks by what becomes of them."""
        done = TABLE.c.value.is_not(None)
        running = ~done & (TABLE.c.until >= self.database.now())
        asking = sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(sa.case((done, 1), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(sa.case((running, 1), else_=0)), 0),
        ).where(self._of(kind))
        with self.database.transaction() as connection:
            total, finished, live = connection.execute(asking).one()
        return Counts(finished, live, total - finished - live)
