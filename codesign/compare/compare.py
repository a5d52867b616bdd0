"""Runs the columns one after another; a column that cannot is said so, and the others are shown all the same."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from codesign.build.config import BuildConfig
from codesign.compare.column import Column, Result
from codesign.compare.difference import Difference, first_difference
from codesign.errors import CodesignError, VerificationFailed
from codesign.files import replacing, write_json
from codesign.graph import IntegerGraph

REPORT = "compare.json"
GRAVITY = (4, 1, 3, 2, 0)
"""Exit statuses: a difference above a failure, above a tool that is missing, above a refusal."""
log = logging.getLogger("codesign")


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a column.

    Attributes:
        column: its class.
        result: None where it could not run.
        error: why it could not.
        difference: the first integer that differs from the graph's, where any does.
        unexplained: why there is no ``difference`` though integers differ.
        seconds: of writing and running, by wall clock; without the search for the difference.
    """

    column: type[Column]
    result: Result | None
    error: CodesignError | None
    difference: Difference | None
    unexplained: str
    seconds: float

    @property
    def exit_status(self) -> int:
        """0 where it agrees, else as the error's or that of a failed verification."""
        if self.error is not None:
            return self.error.exit_status
        return 0 if self.result and self.result.agrees else VerificationFailed.exit_status

    @property
    def verdict(self) -> str:
        """In a word."""
        if self.error is not None:
            kinds = {2: "refused", 3: "lacks a tool", 4: "failed"}
            return kinds.get(self.error.exit_status, "failed")
        return "agrees" if not self.exit_status else "differs"

    def to_json(self) -> dict[str, Any]:
        """Everything as plain data, without the outputs."""
        result = self.result
        return {
            "backend": self.column.name,
            "runs": self.column.runs,
            "verdict": self.verdict,
            "mismatches": result and result.mismatches,
            "integers": result and result.integers,
            "faults": list(result.faults) if result else [],
            "figures": [asdict(figure) for figure in result.figures] if result else [],
            "first_difference": asdict(self.difference) if self.difference else None,
            "unexplained": self.unexplained or None,
            "error": str(self.error) if self.error else None,
            "seconds": round(self.seconds, 3),
        }


def compare(
    columns: Sequence[type[Column]], graph: IntegerGraph, x: np.ndarray, config: BuildConfig
) -> Iterator[Outcome]:
    """Yield each column's outcome on the frames ``x`` (int64 [N, *shape]) as it is there.

    Everything of a column lies in ``config.output_dir`` in a folder of its name, which must not exist.
    """
    for kind in columns:
        log.info("%s: beginning", kind.name)
        yield _outcome(kind(config, config.output_dir / kind.name), graph, x)


def _outcome(column: Column, graph: IntegerGraph, x: np.ndarray) -> Outcome:
    begin = time.perf_counter()
    try:
        column.folder.mkdir(parents=True)
        column.prepare(graph)
        result = column.run(x)
    except CodesignError as error:
        return Outcome(type(column), None, error, None, "", time.perf_counter() - begin)
    except OSError as error:
        failed = CodesignError(
            f"a file could not be written or read ({error}): free some space, or choose another --output-dir."
        )
        return Outcome(type(column), None, failed, None, "", time.perf_counter() - begin)
    seconds = time.perf_counter() - begin
    difference, why = (None, "") if not result.mismatches else explain(column, graph, x, result)
    return Outcome(type(column), result, None, difference, why, seconds)


def explain(column: Column, graph: IntegerGraph, x: np.ndarray, result: Result) -> tuple[Difference | None, str]:
    """Return the first difference inside of a column whose outputs differ, or why none is found."""
    if result.outputs is not None:
        wrong = np.argwhere((result.outputs != graph.run(x)).reshape(len(x), -1).any(1))
        x = x[: int(wrong[0, 0]) + 1] if len(wrong) else x  # all frames up to the wrong one: state may matter
    try:
        difference = first_difference(column.trace(x))
    except (CodesignError, OSError) as error:
        return None, f"the search for it failed: {error}"
    if difference is None:
        return None, "every stage that can be seen is right when they are traced"
    return difference, ""


def exit_status(outcomes: Sequence[Outcome]) -> int:
    """The gravest of the columns' statuses, 0 where all agree."""
    return min((outcome.exit_status for outcome in outcomes), key=GRAVITY.index)


def save(outcomes: Sequence[Outcome], about: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Write ``compare.json`` and each column's outputs (``NAME/outputs.npy``) into ``folder``; return the document."""
    document = {**about, "columns": [outcome.to_json() for outcome in outcomes]}
    for outcome in outcomes:
        if outcome.result is not None and outcome.result.outputs is not None:
            with replacing(folder / outcome.column.name / "outputs.npy") as temporary:
                np.save(temporary, outcome.result.outputs)
    write_json(folder / REPORT, document)
    return document
