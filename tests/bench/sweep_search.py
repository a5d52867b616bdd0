"""Search: hypervolume after 200 design points, each sampler against chance, five seeds.

Hardware by the models of a sweep, of the skeleton net with 2, 4 and 8 bits; its accuracy is the mean over UTKinect's
ten splits (quant/models/results), so that nothing is trained here. Each point goes through a study's storage.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from math import log10
from pathlib import Path
from time import process_time

import numpy as np

import boards
import quant.models
from codesign.errors import UserError
from codesign.sweep.hypervolume import hypervolume
from codesign.sweep.judge import Judge, hardware, made_clock_mhz
from codesign.sweep.point import Point, Row
from codesign.sweep.store import open_store
from codesign.sweep.study import Range, Study
from hw.lowering import lower
from tests.bench.figures import Figure
from tests.bench.sweep_judge import ingested

NETS = {2: "skeleton-tiny-w2a2", 4: "skeleton-tiny", 8: "skeleton-tiny-w8a8"}
RESULTS = Path(quant.models.__file__).parent / "results"
SEEDS, TRIALS = 5, 200
SAMPLERS = ("nsga2", "tpe")
REFERENCE = (-0.9, 5.0, 5.5)
"""Accuracy 90 %, a frame of 100 ms, 316,000 LUTs: what is worse counts nothing. Costs count by their logarithms."""
STUDY = Study(
    name="search",
    model="skeleton-tiny",
    objectives=("accuracy", "latency_us", "lut"),
    axes={
        "bits": Range(tuple(NETS)),
        "board": Range(("pynq_z2", "kv260", "ulx3s", "zcu104")),
        "form": Range(("auto", "lut", "dsp")),
        "clock_mhz": Range(low=40, high=200),
        "target_fps": Range(low=100, high=200_000, log=True),
    },
    trials=TRIALS,
)


class Table:
    """Design points judged by models and a table of accuracies."""

    def __init__(self) -> None:
        graphs = {bits: ingested(name) for bits, name in NETS.items()}
        families = {boards.get(str(name)).family for name in STUDY.axes["board"].choices}
        self.judges = {
            (bits, family): Judge(lower(graph, family), family) for bits, graph in graphs.items() for family in families
        }
        files = {bits: RESULTS / f"{name}-utkinect.json" for bits, name in NETS.items()}
        self.accuracy = {bits: json.loads(path.read_text())["quantized_mean"] for bits, path in files.items()}

    def row(self, point: Point) -> Row:
        """Judge a point; one that its board has no room or no clock for is not feasible."""
        board = boards.get(str(point["board"]))
        judge = self.judges[int(point["bits"]), board.family]
        try:
            clock = made_clock_mhz(board, float(point["clock_mhz"]))
        except UserError as error:
            return Row(point, {}, {}, "estimate", stopped=str(error))
        interval = max(1, int(clock * 1e6 / float(point["target_fps"])))
        figures, missed = hardware(judge, board, clock, judge.at(interval, str(point["form"]), judge.left(board)))
        figures["accuracy"] = self.accuracy[int(point["bits"])]
        return Row(point, figures, dict.fromkeys(figures, "model"), "estimate", violations=missed)


def measure() -> Iterator[Figure]:
    """Run the studies."""
    table = Table()
    chance = [volume(table, "random", seed) for seed in range(SEEDS)]
    yield Figure("chance: hypervolume, mean", round(float(np.mean(chance)), 4), "", "model")
    for sampler in SAMPLERS:
        begun = process_time()
        found = [volume(table, sampler, seed) for seed in range(SEEDS)]
        seconds = (process_time() - begun) / SEEDS
        yield Figure(f"{sampler}: hypervolume, mean", round(float(np.mean(found)), 4), "", "model")
        better = sum(mine > other for mine, other in zip(found, chance, strict=True))
        yield Figure(f"{sampler}: seeds in which it is better than chance", better, "seeds", "model", at_least=SEEDS)
        yield Figure(f"{sampler}: {TRIALS} points, storage included", round(seconds, 1), "s", "measured")


def volume(table: Table, sampler: str, seed: int) -> float:
    """The hypervolume of the feasible points of one study."""
    study = replace(STUDY, sampler=sampler, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "study.db", study)
        while claim := store.claim():
            claim.complete(table.row(claim.point))
        rows = store.rows()
    assert len(rows) == TRIALS
    losses = [
        (-row.figures["accuracy"], log10(row.figures["latency_us"]), log10(row.figures["lut"]))
        for row in rows
        if row.feasible
    ]
    return hypervolume(np.array(losses), REFERENCE)
