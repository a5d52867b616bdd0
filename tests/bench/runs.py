"""Runs of the benchmark: kept as JSON, one file a run, and compared with the one before."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from codesign.files import write_json
from tests.bench.figures import Figure

KEPT = 20
"""Runs that are kept."""


@dataclass
class Run:
    """Figures of one run.

    Attributes:
        started: when, UTC, in ISO 8601.
        commit: of the sources, with ``+`` where they were changed since.
        machine: cores and processor.
        figures: by the benchmark's name.
        failed: what went wrong, by the benchmark's name.
        seconds: wall clock, by the benchmark's name.
    """

    started: str
    commit: str
    machine: str
    figures: dict[str, list[Figure]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @staticmethod
    def begin() -> Run:
        """A run without figures, of these sources on this machine."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        changed = "+" if _git("status", "--porcelain", "--untracked-files=no") else ""
        return Run(now, _git("rev-parse", "--short", "HEAD") + changed, f"{os.cpu_count()} × {platform.machine()}")

    def save(self, folder: Path) -> Path:
        """Write the run whole, and remove the oldest ones beyond KEPT."""
        path = folder / f"{self.started.replace(':', '')}.json"
        write_json(path, asdict(self))
        for old in sorted(folder.glob("*.json"))[:-KEPT]:
            old.unlink()
        return path

    @staticmethod
    def load(path: Path) -> Run:
        """Read what ``save`` wrote."""
        raw: dict[str, Any] = json.loads(path.read_text())
        raw["figures"] = {name: [Figure(**figure) for figure in figures] for name, figures in raw["figures"].items()}
        return Run(**raw)

    def values(self) -> dict[tuple[str, str], float]:
        """Every value by its benchmark and what it is of."""
        return {(name, f.what): f.value for name, figures in self.figures.items() for f in figures}


def earlier(folder: Path, before: Run) -> dict[tuple[str, str], float]:
    """Return the values of the last run before this one that has each."""
    found: dict[tuple[str, str], float] = {}
    for path in sorted(folder.glob("*.json")):
        run = Run.load(path)
        if run.started < before.started:
            found |= run.values()
    return found


def _git(*arguments: str) -> str:
    """What git says, or nothing where the sources are no repository."""
    try:
        return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
