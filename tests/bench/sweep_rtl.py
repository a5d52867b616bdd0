"""Sweeps' models against RTL and yosys, on 100 design points drawn at random from the front and off it.

The points: three trained presets of one net (2, 4 and 8 bits), three boards, three forms of products, any rate. The
front is that of cycles, LUTs and DSPs for each preset and board, among the points that fit. Half of the points are
off it, or as many as there are. Each becomes a design with sized FIFOs whose Verilog is simulated, as a build does it,
at the full rate and with random stalls. A point's results are kept by its Verilog: what was measured is not measured
again.
"""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import exp, log
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import boards
from boards.board import Board
from codesign.files import write_json
from codesign.graph import IntegerGraph
from codesign.sweep.axes import FORMS
from codesign.sweep.judge import Judge, Judged, hardware, made_clock_mhz
from codesign.sweep.point import Row, front
from hw.design.design import Design
from hw.design.emit import ERROR_FLAG, TOP, emit
from hw.lowering import lower
from hw.sim import Stalls, compile_simulator
from hw.synth.design import synthesize
from hw.tokens.design import run
from tests.bench.figures import Figure
from tests.bench.sweep_judge import BOARDS, FOLDER, NETS, ingested

POINTS, CANDIDATES = 100, 1000
KEPT = FOLDER / "rtl"
OBJECTIVES = ("interval", "lut", "dsp")
FRAMES, STALLED = 6, 3
"""Of the run at the full rate, whose cycles count, and of the one with stalls."""
LUT_ERROR = 15
"""Percent."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A point that was drawn."""

    net: str
    board: Board
    judge: Judge
    judged: Judged
    on_front: bool


def measure(points: int = POINTS, synthesized: int = POINTS) -> Iterator[Figure]:
    """Simulate ``points`` of the points drawn, then synthesize ``synthesized`` of these."""
    chosen = drawn()[:points]
    designs = [point.judge.complete(point.judged) for point in chosen]
    simulated = [simulate(point.net, made.design) for point, made in zip(chosen, designs, strict=True)]
    wrong = {kind: sum(one[kind] != one[f"model_{kind}"] for one in simulated) for kind in ("interval", "first_frame")}
    yield Figure("points simulated", len(simulated), "points", "measured (RTL)", at_least=points)
    yield Figure("of them on a front", sum(point.on_front for point in chosen), "points", "model")
    yield Figure("points with another interval", wrong["interval"], "points", "measured (RTL)", at_most=0)
    yield Figure("points with another first frame", wrong["first_frame"], "points", "measured (RTL)", at_most=0)
    yield Figure("integers", sum(one["integers"] for one in simulated), "integers", "measured (RTL)")
    yield Figure("wrong ones", sum(one["wrong"] for one in simulated), "integers", "measured (RTL)", at_most=0)
    quick = [point.judge.first_frame(point.judged) for point in chosen]
    early = [100 * abs(q / one["first_frame"] - 1) for q, one in zip(quick, simulated, strict=True)]
    yield Figure("first frame before FIFOs are sized, error, median", round(median(early), 2), "%", "measured (RTL)")
    yield Figure("first frame before FIFOs are sized, error, worst", round(max(early), 2), "%", "measured (RTL)")
    pairs = [(d, mapped(p.board.family, d.design)) for p, d in zip(chosen[:synthesized], designs, strict=False)]
    yield Figure("points synthesized", len(pairs), "points", "yosys estimate", at_least=synthesized)
    errors = [100 * abs(made.resources.lut / luts - 1) for made, luts in pairs]
    yield Figure("LUTs, error, median", round(median(errors), 1), "%", "yosys estimate", at_most=LUT_ERROR)
    yield Figure("LUTs, error, worst", round(max(errors), 1), "%", "yosys estimate")


@cache
def drawn() -> list[Drawn]:
    """Return the points, half of them from fronts, in an order of no meaning: any first ones are a sample."""
    rng = random.Random(0)
    graphs = {name: graph_of(name) for name in NETS}
    kinds = [(net, board) for net in NETS for board in map(boards.get, BOARDS)]
    judges = {(n, b.name): Judge(lower(graphs[n], b.family), b.family) for n, b in kinds}
    groups: dict[tuple[str, str], dict[tuple[Any, ...], tuple[Drawn, Row]]] = {key: {} for key in judges}
    for _ in range(CANDIDATES):
        net, board = rng.choice(kinds)
        judge = judges[net, board.name]
        interval = int(exp(rng.uniform(log(judge.fastest), log(judge.lowered.interval))))
        judged = judge.at(interval, rng.choice(FORMS), judge.left(board))
        figures, missed = hardware(judge, board, made_clock_mhz(board), judged)
        if not missed:
            point = Drawn(net, board, judge, judged, on_front=False)
            row = Row({}, figures, {}, "estimate")
            groups[net, board.name][tuple(judged.design.kernels.items())] = point, row
    on, off = list[Drawn](), list[Drawn]()
    for group in groups.values():
        best = set(map(id, front((row for _, row in group.values()), OBJECTIVES)))
        for point, row in group.values():
            (on if id(row) in best else off).append(Drawn(**{**vars(point), "on_front": id(row) in best}))
    chosen = rng.sample(off, min(POINTS // 2, len(off)))
    chosen += rng.sample(on, POINTS - len(chosen))
    rng.shuffle(chosen)
    return chosen


@cache
def graph_of(net: str) -> IntegerGraph:
    """Return a preset's graph."""
    return ingested(net)


def simulate(net: str, design: Design) -> dict[str, int]:
    """Return what RTL and token model give for a design: its cycles, and how many integers are wrong."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = emit(design, folder)
        texts = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
        kept = KEPT / f"{hashlib.sha256(b'|'.join(texts)).hexdigest()[:24]}.json"
        if not kept.exists():
            write_json(kept, _simulated(graph_of(net), design, sources, folder))
        foretold = run(design)
        found: dict[str, int] = json.loads(kept.read_text())
        cycles = int(foretold.interval or 0) if foretold.interval and foretold.interval.denominator == 1 else -1
        return {**found, "model_interval": cycles, "model_first_frame": foretold.first_frame}


def _simulated(graph: IntegerGraph, design: Design, sources: list[Path], folder: Path) -> dict[str, int]:
    ends, load = ([design.input], [design.output]), design.load_packets()
    simulator = compile_simulator(
        TOP, sources, *ends, data=folder, flags=[ERROR_FLAG], load=load, optimise=False, behavioural=True
    )
    tensor, rng = graph.tensors[graph.input], np.random.default_rng(0)
    x = rng.integers(tensor.low, tensor.high, (FRAMES + STALLED, *tensor.shape), np.int64, endpoint=True)
    words = x.reshape(len(x), design.input.words, design.input.stream.lanes)
    timeout = 20 * design.interval + 100_000
    rate = simulator.run([words[:FRAMES]], timeout=timeout)
    stalled = simulator.run([words[FRAMES:]], stalls=Stalls(0.3, 8, 0), timeout=timeout)
    expected = graph.run(x)
    found = np.concatenate([rate.outputs[0], stalled.outputs[0]]).reshape(expected.shape)
    return {
        "interval": int(rate.interval) if rate.interval == int(rate.interval) else -2,
        "first_frame": int(rate.frame_cycles[0][0]) - rate.first_taken,
        "integers": expected.size,
        "wrong": int((expected != found).sum()) + rate.flags[ERROR_FLAG] + stalled.flags[ERROR_FLAG],
    }


def mapped(family: str, design: Design) -> int:
    """Return the LUTs that yosys gives; its netlists of kernels are in the cache.

    Raises:
        MissingTool: there is no yosys.
    """
    with tempfile.TemporaryDirectory() as folder:
        return synthesize(design, family, Path(folder)).total.lut
