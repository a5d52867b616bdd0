"""Judging design points by models: distinct points a second on one core.

Three trained presets of one net (weights and activations of 2, 4 and 8 bits), three boards, three forms of products,
and rates from the fastest to the slowest. Each net is lowered and judged as a sweep does it: a judge is made for every
net and part family, nothing is kept from another net, and that time counts too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import process_time

import numpy as np

import boards
import quant.models
from codesign.errors import UserError
from codesign.graph import IntegerGraph
from codesign.ingest import ingest
from codesign.mapping.folding.search import Part, Search
from codesign.sweep.axes import FORMS
from codesign.sweep.judge import PLENTY, Judge, hardware, made_clock_mhz
from hw.lowering import lower
from tests.bench.figures import Figure

FOLDER = Path("build/bench/sweep")
NETS = ("skeleton-tiny-w2a2", "skeleton-tiny", "skeleton-tiny-w8a8")
BOARDS = ("pynq_z2", "kv260", "ulx3s")
RATES = 40
"""From the fastest that there is to the slowest, evenly on a logarithmic scale."""
A_SECOND = 50
CHECKED = 5
"""Rates at which a net's foldings on a board are held against the search's start."""


def measure() -> Iterator[Figure]:
    """Judge every net on every board, for every form and rate."""
    total, distinct = 0.0, set[tuple[object, ...]]()
    longest = asked = differing = 0.0
    for name in NETS:
        graph = ingested(name)
        for board in map(boards.get, BOARDS):
            begun = process_time()
            judge = Judge(lower(graph, board.family), board.family)
            clock, left = made_clock_mhz(board), judge.left(board)
            total += process_time() - begun
            for interval in rates(judge):
                for form in FORMS:
                    begun = process_time()
                    judged = judge.at(interval, form, left)
                    hardware(judge, board, clock, judged)
                    seconds = process_time() - begun
                    longest, total, asked = max(longest, seconds), total + seconds, asked + 1
                    distinct.add((name, board.name, *judged.design.kernels.items()))
            differing += sum(differs(judge, interval) for interval in rates(judge)[:: RATES // CHECKED])
    yield Figure("designs other than the slow way's", differing, "designs", "model", at_most=0)
    yield Figure("points asked for", asked, "points", "measured")
    yield Figure("distinct designs among them", len(distinct), "points", "measured")
    yield Figure(
        "distinct designs judged a second", round(len(distinct) / total, 1), "/s", "measured", at_least=A_SECOND
    )
    yield Figure("points judged a second", round(asked / total, 1), "/s", "measured")
    yield Figure("a distinct design, mean", round(total / len(distinct) * 1e3, 1), "ms", "measured")
    yield Figure("the longest, a judge's first", round(longest * 1e3, 1), "ms", "measured")


def rates(judge: Judge) -> list[int]:
    """Return the intervals to judge at."""
    slowest = judge.lowered.interval
    return sorted({int(n) for n in np.geomspace(max(1, slowest // 800), slowest, RATES)})


def differs(judge: Judge, interval: int) -> bool:
    """Whether a design is not the one that the search begins with, made of nothing that was kept."""
    judged, part = judge.at(interval, "lut"), Part(judge.family, PLENTY)
    try:
        found = Search(judge.lowered, part).start(interval)
    except UserError as error:
        return judged.why != str(error)
    return (judged.folding, judged.resources, judged.interval) != (found.folding, found.used, found.design.interval)


def ingested(name: str) -> IntegerGraph:
    """Return a preset's graph, by way of its QONNX file."""
    path = FOLDER / f"{name}.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    quant.models.get(name).export(path)
    return ingest(path, name)[0]
