"""Which stage stopped how many points, and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from codesign.sweep.point import STAGES, Row

MOST = 6
"""Reasons told of a stage; the rest is counted together."""


@dataclass(frozen=True)
class Passed:
    """What a stage did.

    Attributes:
        stage: its name.
        reached: points that went through it, those that it stopped included.
        stopped: points that it stopped.
        seconds: processor time of all of them.
        reasons: why it stopped them, the most frequent first, with how many.
    """

    stage: str
    reached: int
    stopped: int
    seconds: float
    reasons: tuple[tuple[str, int], ...]


def passages(rows: Sequence[Row]) -> list[Passed]:
    """Return what each stage did, in the stages' order."""
    result = []
    for place, stage in enumerate(STAGES):
        reached = [row for row in rows if row.stage in STAGES and STAGES.index(row.stage) >= place]
        stopped = [row for row in reached if row.stage == stage and row.stopped]
        counts = Counter(kind(row.stopped) for row in stopped).most_common()
        rest = sum(count for _, count in counts[MOST:])
        told = (*counts[:MOST], *([("something else", rest)] if rest else []))
        seconds = sum(row.seconds.get(stage, 0.0) for row in rows)
        result.append(Passed(stage, len(reached), len(stopped), seconds, told))
    return result


def kind(sentence: str) -> str:
    """Return ``sentence`` with its numbers left out, the same for points that stopped for one reason."""
    return re.sub(r"(?<![A-Za-z_\d])[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?", "…", sentence)


def duration(seconds: float) -> str:
    """Return ``seconds`` as people write it: ``12 s``, ``3 min 05 s``, ``2 h 10 min``."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min {int(seconds % 60):02} s"
    return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60):02} min"
