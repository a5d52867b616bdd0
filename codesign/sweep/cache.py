"""Nothing twice: what was made once of the same inputs, by the same code and tools, is found again.

An entry's name is the SHA-256 of all that decides it, so it never has to be thrown away. Entries are written whole and
carry the SHA-256 of what they hold: one that is damaged is made again. Of processes that want the same entry one makes
it and the others wait; the lock of one that is killed is free at once, for it is the operating system's.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from filelock import FileLock

from codesign.digests import digest
from codesign.files import cache_folder, replacing_folder, write_json

SEAL = ".sha256"
"""File of a folder that holds the digest of the others."""
T = TypeVar("T")
log = logging.getLogger("codesign")


class Damaged(Exception):
    """An entry is not what was written."""


class Cache:
    """Entries in a folder that any number of processes share; those of this process are remembered.

    Args:
        folder: of the entries; ``sweep`` in the cache of codesign where None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or cache_folder() / "sweep"
        self._known: dict[Path, Any] = {}

    def get(self, kind: str, parts: Any, make: Callable[[Path], None]) -> Path:
        """Return the folder that ``make`` fills, once.

        Args:
            kind: what it is, a word for a file's name.
            parts: all that decides what is made, in a form that ``canonical`` takes.
            make: called with an empty folder; where it raises there is no entry.
        """
        place = self.folder / kind / key(parts)

        def write() -> None:
            with replacing_folder(place) as fresh:
                make(fresh)
                (fresh / SEAL).write_text(digest(fresh))

        return self._once(place, _sealed, write)

    def value(self, kind: str, parts: Any, make: Callable[[], T]) -> T:
        """Return the JSON value that ``make`` returns, once; it is not to be changed. Arguments as for ``get``."""
        place = self.folder / kind / f"{key(parts)}.json"

        def write() -> None:
            value = make()
            write_json(place, {"sha256": _value_digest(value), "value": value})

        return self._once(place, _checked, write)

    def _once(self, place: Path, read: Callable[[Path], Any], write: Callable[[], None]) -> Any:
        if place not in self._known and not self._there(place, read):
            lock = self.folder / "locks" / f"{place.parent.name}-{place.stem}.lock"
            lock.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(lock):
                if not self._there(place, read, logging.WARNING):  # nobody made it while we waited
                    write()
                    self._known[place] = read(place)
        return self._known[place]

    def _there(self, place: Path, read: Callable[[Path], Any], level: int = logging.DEBUG) -> bool:
        try:
            self._known[place] = read(place)
        except FileNotFoundError:
            return False
        except Damaged:
            log.log(level, "cache: %s is damaged and is made again", place)
            return False
        return True


def contents(place: Path) -> str:
    """Return the digest of what a folder of the cache holds; equal contents serve equally, however they were made."""
    return (place / SEAL).read_text()


def _sealed(place: Path) -> Path:
    if not place.exists():
        raise FileNotFoundError(place)
    try:
        seal = (place / SEAL).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Damaged from error
    if seal != digest(place):
        raise Damaged
    return place


def _checked(place: Path) -> Any:
    try:
        entry = json.loads(place.read_text())
        value = entry["value"]
        right = entry["sha256"] == _value_digest(value)
    except (ValueError, KeyError, TypeError) as error:  # no JSON, or not of our form
        raise Damaged from error
    if not right:
        raise Damaged
    return value


def _value_digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def key(parts: Any) -> str:
    """SHA-256 of ``parts`` in canonical form."""
    return hashlib.sha256(json.dumps(canonical(parts)).encode()).hexdigest()


def canonical(value: Any) -> Any:
    """Return lists and plain values that are equal only where the given values are.

    Mappings and sets have no order, a path stands for what is in the file or folder, and a dataclass for its type and
    its fields.

    Raises:
        TypeError: for anything else, such as a function, whose contents cannot be told.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return canonical(value.item())
    if isinstance(value, np.ndarray):
        contents = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        return ["array", str(value.dtype), list(value.shape), contents]
    if isinstance(value, bytes):
        return ["bytes", hashlib.sha256(value).hexdigest()]
    if isinstance(value, Path):
        return ["file", digest(value)]
    if is_dataclass(value) and not isinstance(value, type):
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        return ["record", kind, [[f.name, canonical(getattr(value, f.name))] for f in fields(value)]]
    if isinstance(value, Mapping):
        return ["mapping", sorted(([canonical(k), canonical(v)] for k, v in value.items()), key=json.dumps)]
    if isinstance(value, Set):
        return ["set", sorted((canonical(v) for v in value), key=json.dumps)]
    if isinstance(value, Sequence):
        return ["list", [canonical(v) for v in value]]
    raise TypeError(f"a {type(value).__name__} cannot be part of a cache's key")
