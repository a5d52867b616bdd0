"""The database that keeps a study: an SQLite file by default, or a PostgreSQL server for many machines."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
import sqlalchemy as sa
from filelock import FileLock, Timeout
from optuna.exceptions import StorageInternalError
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from codesign.errors import CodesignError, UserError

PATIENCE = 60.0
"""Seconds that a worker waits for another one's transaction."""
REACH = 10
"""Seconds after which a server is out of reach."""


class Unreachable(CodesignError):
    """The database no longer answers."""


@dataclass(frozen=True)
class Database:
    """An open database.

    Attributes:
        name: as it may be printed: a path, or a URL without its password.
        storage: Optuna's view of it; caches finished trials.
        engine: the same for statements of our own.
    """

    name: str
    storage: optuna.storages.BaseStorage
    engine: sa.Engine

    def now(self) -> Any:
        """Seconds since 1970 by the database's clock, the only one that all machines share."""
        if self.engine.dialect.name == "postgresql":
            return sa.extract("epoch", sa.func.clock_timestamp())
        return (sa.func.julianday("now") - 2440587.5) * 86400.0

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Yield a connection whose statements are committed when the block ends well.

        Raises:
            Unreachable: the database fails.
        """
        with failing_clearly(self.name), self.engine.begin() as connection:
            yield connection


@contextmanager
def failing_clearly(name: str) -> Iterator[None]:
    """Turn errors of the database ``name`` into one sentence."""
    try:
        yield
    except (SQLAlchemyError, StorageInternalError) as error:
        raise Unreachable(
            f"The storage {name} failed ({_reason(error)}); what was done is kept: start the worker again once the "
            "storage answers."
        ) from error


def _reason(error: BaseException) -> str:
    """First line of what the driver said."""
    while error.__cause__ is not None:
        error = error.__cause__
    origin = error.orig if isinstance(error, DBAPIError) and error.orig else error
    lines = str(origin).strip().splitlines()
    return lines[0].rstrip(".:") if lines else type(origin).__name__


def address(url_or_path: str | Path) -> sa.URL:
    """Return where the database is; refuses anything but a path, ``sqlite:///PATH`` and ``postgresql://...``.

    Raises:
        UserError: another kind of URL, a folder, or a path whose folder is not there.
    """
    text = str(url_or_path)
    try:
        url = sa.make_url(text) if "://" in text else sa.URL.create("sqlite", database=text)
    except (ArgumentError, ValueError) as error:
        raise UserError(
            f"The storage {text.split('@')[-1]!r} is no URL: give a file's path or postgresql://USER@HOST/DATABASE."
        ) from error
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername != "sqlite":
        raise UserError(
            f"The storage {shown(url)} is of a kind that sweeps do not use: give a file's path or "
            "postgresql://USER@HOST/DATABASE."
        )
    if not url.database or url.database == ":memory:":
        raise UserError("The storage names no file: give a file's path, such as study.db.")
    path = Path(url.database).expanduser().absolute()
    if path.is_dir():
        raise UserError(f"The storage {path} is a folder: give a file in it, such as {path / 'study.db'}.")
    if not path.parent.is_dir():
        raise UserError(f"The storage {path} cannot be made, for there is no folder {path.parent}: make it first.")
    return url.set(database=str(path))


def shown(url: sa.URL) -> str:
    """A path, or the URL without its password."""
    if url.drivername == "sqlite":
        return str(url.database)
    plain = url.set(drivername=url.get_backend_name()).difference_update_query(["password"])
    return plain.render_as_string(hide_password=True)


@contextmanager
def alone(url_or_path: str | Path, create: bool = True) -> Iterator[Database]:
    """Open a database and yield it while no other process is in such a block.

    The lock goes with its process, however that ends.

    Args:
        url_or_path: where it is.
        create: whether a file that is not there is made.

    Raises:
        UserError: the database cannot be opened, or is not one of Optuna's.
    """
    url = address(url_or_path)
    if url.drivername == "sqlite" and not create and not Path(str(url.database)).exists():
        raise UserError(f"There is no storage {shown(url)}: give the one that the study was started with.")
    try:
        with _lock(url):
            yield _open(url)
    except (SQLAlchemyError, StorageInternalError, RuntimeError, OSError, Timeout) as error:
        raise UserError(
            f"The storage {shown(url)} cannot be opened ({_reason(error)}): check the name, that it is reachable and "
            "may be written, or give another."
        ) from error


@contextmanager
def _lock(url: sa.URL) -> Iterator[None]:
    if url.drivername == "sqlite":
        path = Path(str(url.database))
        lock = path.with_name(f".{path.name}.lock")
        lock.touch()  # fails at once where nothing may be written, which a lock would wait for
        with FileLock(lock, timeout=PATIENCE):
            yield
        return
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"connect_timeout": REACH})
    with engine.connect() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock(zlib.crc32(b"codesign sweep"))))
        yield


def _open(url: sa.URL) -> Database:
    options: dict[str, Any] = {"connect_args": {"timeout": PATIENCE}}
    if url.drivername == "sqlite":
        _check_file(Path(str(url.database)))
    else:
        options = {"connect_args": {"connect_timeout": REACH}, "pool_pre_ping": True}
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    text = url.render_as_string(hide_password=False).replace("{", "{{").replace("}", "}}")
    storage = optuna.storages.RDBStorage(text, engine_kwargs=options)
    if url.drivername == "sqlite":
        sa.event.listen(storage.engine, "connect", _tune)
        storage.engine.dispose()
    return Database(shown(url), optuna.storages.get_storage(storage), storage.engine)


def _check_file(path: Path) -> None:
    """Refuse what is there but not a file of Optuna's, before anything is written to it."""
    if not path.exists() or not path.stat().st_size:
        return
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), poolclass=sa.NullPool)
    tables = set(sa.inspect(engine).get_table_names())
    if tables and "studies" not in tables:
        raise UserError(
            f"The storage {path} holds something else (tables {', '.join(sorted(tables)[:3])}): give another."
        )


def _tune(connection: Any, _record: object) -> None:
    """Set a connection's ways: readers and a writer side by side, and no wait for the disk at every commit.

    A killed process loses nothing by that; a power failure may lose the last seconds, which are then done again.
    """
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
