"""Whether every file that the C++ sources name is there: headers, and the weights that C simulation reads."""

from __future__ import annotations

import re
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
WEIGHTS = re.compile(r'load_weights_from_txt<[^>]*>\(\w+, "([^"]+)"\)')
AMDS = Path("firmware/ap_types")
"""Headers that AMD's tools bring themselves; hls4ml lays these copies beside the sources for other compilers."""


def sources(folder: Path, roots: list[Path]) -> tuple[list[Path], list[str]]:
    """Return the files that ``roots`` are made of, themselves included, and sentences on what is not there.

    Args:
        folder: the project.
        roots: C++ files, relative to it.
    """
    found, missing, waiting = list[Path](), list[str](), list(roots)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        if not (folder / path).is_file():
            missing.append(f"there is no {path}")
            continue
        found.append(path)
        text = _code((folder / path).read_text())
        for name in INCLUDE.findall(text):
            beside = [base / name for base in (path.parent, AMDS) if (folder / base / name).is_file()]
            if beside:
                waiting.append(Path(*_resolved(beside[0])))
            else:
                missing.append(f"{path} includes {name}, which is not there")
        for name in WEIGHTS.findall(text):
            if not (folder / "firmware/weights" / name).is_file():
                missing.append(f"{path} loads {name}, which is not in firmware/weights")
    return found, missing


def _code(text: str) -> str:
    """The text without its comments."""
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def _resolved(path: Path) -> list[str]:
    """The parts of a relative path without ``..``."""
    parts = list[str]()
    for part in path.parts:
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)
    return parts
