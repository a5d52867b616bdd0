"""Files that are whole or not there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from codesign.errors import CodesignError


def cache_folder() -> Path:
    """Folder of what can be made again: ``$CODESIGN_CACHE`` or ``~/.cache/codesign``."""
    return Path(os.environ.get("CODESIGN_CACHE") or Path.home() / ".cache" / "codesign")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``, renamed to it when the block ends well and removed when it does not.

    Raises:
        CodesignError: where the disk is full or the folder cannot be written.
    """
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise CodesignError(
            f"{path} could not be written ({error.strerror}): free some space or choose another folder."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty hidden folder that becomes ``folder`` when the block ends well, and goes when it does not.

    Raises:
        CodesignError: where the disk is full or the folder cannot be written.
    """
    fresh, old = folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")
    try:
        _leave_one(folder, fresh, old)
        fresh.mkdir(parents=True)
        yield fresh
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    except OSError as error:
        raise CodesignError(
            f"{folder} could not be written ({error.strerror or error}): free some space or choose another folder."
        ) from error
    finally:
        _leave_one(folder, fresh, old)


def _leave_one(folder: Path, fresh: Path, old: Path) -> None:
    """Clear away what was left by this process or by one that was killed; ``old`` may be all that there is."""
    if old.exists() and not folder.exists():
        old.rename(folder)
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` to ``path``, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text)


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` to ``path`` as indented JSON; numpy numbers and arrays become plain ones."""
    write_text(path, json.dumps(value, indent=2, default=_plain) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no JSON form")
