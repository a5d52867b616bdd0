"""What a network has learnt, in the sweep's cache: what is there needs neither data nor torch."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from codesign.files import write_json
from codesign.sweep.cache import Cache
from quant.training.rungs import Final, Learner

WEIGHTS, TEST = "weights.npz", "test.json"


class Learnt:
    """A learner's scores and final net; it is only made, and trained, where they are not there.

    Args:
        cache: where they are.
        parts: all that decides them.
        learner: makes the learner.
    """

    def __init__(self, cache: Cache, parts: Sequence[Any], learner: Callable[[], Learner]) -> None:
        self._cache, self._parts, self._learner = cache, list(parts), learner

    def at(self, rung: int) -> float:
        """Return the validation score after a rung, from 0."""
        return self._cache.value("score", [*self._parts, rung], lambda: float(self._learner().at(rung)))

    def final(self) -> Final:
        """Return the net that is built, and its test score."""

        def make(folder: Path) -> None:
            made = self._learner().final()
            shutil.copy(made.weights, folder / WEIGHTS)
            about = made.weights.with_suffix(".json")
            if about.is_file():
                shutil.copy(about, folder / Path(WEIGHTS).with_suffix(".json"))
            write_json(folder / TEST, float(made.test))

        folder = self._cache.get("trained", self._parts, make)
        return Final(folder / WEIGHTS, json.loads((folder / TEST).read_text()))
