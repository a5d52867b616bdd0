"""What files, folders and our own sources hold, as SHA-256: what is made anew only where these differ."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = (".py", ".sv", ".v", ".cpp", ".hpp", ".tcl", ".lpf", ".npz", ".c", ".ipynb")


def digest(path: Path) -> str:
    """SHA-256 of a file, or of a folder's files with their names; ``absent`` where there is nothing.

    Hidden files do not count: they are what a tool that was killed left behind.
    """
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p.relative_to(path)))
        listing = "\n".join(f"{p.relative_to(path)} {digest(p)}" for p in files)
        return hashlib.sha256(listing.encode()).hexdigest()
    if not path.exists():
        return "absent"
    with path.open("rb") as file:  # in pieces: it may be larger than the memory
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


@cache
def sources_digest(*names: str) -> str:
    """SHA-256 of our own sources in folders or files of the repository (``hw/synth``, ``boards``); tests do not count.

    What other code made of the same input is not up to date.
    """
    places = [ROOT / name for name in names]
    missing = [str(place) for place in places if not place.exists()]
    if missing:
        raise ValueError(f"there are no sources {', '.join(missing)}")
    files = sorted({p for place in places for p in (place.rglob("*") if place.is_dir() else (place,)) if _counts(p)})
    return hashlib.sha256("".join(f"{p.relative_to(ROOT)} {digest(p)}\n" for p in files).encode()).hexdigest()


def _counts(path: Path) -> bool:
    return path.suffix in SOURCES and not path.name.endswith("_test.py")
