"""Comparing what hardware gives with what the IntegerGraph says, and writing it down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from codesign.errors import VerificationFailed
from codesign.files import write_json

REPORT = "report/verification.json"
PARTS = ("graph", "finn", "hls4ml", "rtl", "board", "netlist")


@dataclass(frozen=True)
class Difference:
    """The first integer that differs."""

    frame: int
    index: tuple[int, ...]
    expected: int
    found: int

    def __str__(self) -> str:
        return f"frame {self.frame}, index {self.index}: expected {self.expected}, found {self.found}"


def first_difference(expected: np.ndarray, found: np.ndarray) -> Difference | None:
    """Return the first difference of two int64 [frames, ...] arrays of one shape, or None."""
    where = np.argwhere(expected != found)
    if not len(where):
        return None
    frame, *index = (int(i) for i in where[0])
    return Difference(frame, tuple(index), int(expected[tuple(where[0])]), int(found[tuple(where[0])]))


def record(output_dir: Path, part: str, result: dict[str, Any]) -> None:
    """Write one layer's result and join all layers' into ``report/verification.json``."""
    write_json(output_dir / f"verification_output/{part}.json", result)
    merged: dict[str, Any] = {}
    for name in PARTS[: PARTS.index(part) + 1]:  # what comes behind this layer is not known to hold any more
        path = output_dir / f"verification_output/{name}.json"
        if path.exists():
            merged |= json.loads(path.read_text())
    write_json(output_dir / REPORT, merged)


def require_equal(what: str, difference: Difference | None, mismatches: int, total: int, hint: str = "") -> None:
    """Raise VerificationFailed with the first difference, if there is one, and with what to do about it."""
    if difference is not None:
        raise VerificationFailed(
            f"{what} differs from the integer graph in {mismatches} of {total} integers, first at {difference}."
            + (f" {hint}" if hint else "")
        )
