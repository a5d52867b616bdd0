"""Folding by search: what it takes against the greedy folding at the same rate, and how long it takes to find."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
import onnx

import boards
from codesign.errors import CodesignError
from codesign.fuzz.generate import generate
from codesign.graph.examples import Builder
from codesign.ingest import ingest
from codesign.ingest.file.cleanup import clean
from codesign.mapping.folding.search import Part, Search
from codesign.report.estimates import budget
from hw.design.design import Design
from hw.lowering import lower
from tests import zoo
from tests.bench.figures import Figure

FOLDER = Path("build/bench/folding")
BOARD = boards.get("pynq_z2")
PART = Part(BOARD.family, budget(BOARD), BOARD.name)
NETS = 50
SPEEDS = (2, 5, 16)
"""Times that the folded design is faster than the unfolded one."""
SECONDS = 10.0
"""Of a processor, for a network of 20 layers."""
LARGE = {"cnv_2w2a": 33_333, "kws_3w3a": 512}
"""Cycles a frame that networks of the zoo are folded for."""


def measure() -> Iterator[Figure]:
    """Fold random networks, a residual one of 20 layers, and the zoo's largest."""
    yield from _random()
    yield from _deep()
    for name, interval in LARGE.items():
        graph, _ = ingest(zoo.exported(name, FOLDER / name), name)
        yield from _large(name, lower(graph, PART.family), interval)


def _random() -> Iterator[Figure]:
    """The shares of the part that both foldings of a network take, and whether it computes the same."""
    ratios, seconds, differing = [], [], 0
    for seed, lowered in random_designs(NETS):
        begun, search = process_time(), Search(lowered, PART)
        interval = _target(search, SPEEDS[seed % len(SPEEDS)])
        found = search.smallest(interval)
        seconds.append(process_time() - begun)
        if found is None:
            raise ValueError(f"network {seed} does not fit {PART.name}")
        ratios.append(PART.share(found.used) / PART.share(search.start(interval).used))
        differing += found.design.interval > interval or not same(lowered, found.design)
    yield Figure("random networks", len(ratios), "networks", "measured", at_least=NETS)
    yield Figure("resources by greedy folding, median", round(median(ratios), 3), "times", "model", at_most=1)
    yield Figure("resources by greedy folding, worst", round(max(ratios), 3), "times", "model", at_most=1)
    yield Figure("resources by greedy folding, best", round(min(ratios), 3), "times", "model")
    yield Figure("slower than asked, or other integers", differing, "networks", "measured", at_most=0)
    yield Figure("search of a random network, processor time, median", round(median(seconds), 2), "s", "measured")


def _target(search: Search, speed: int) -> int:
    """The interval of ``speed`` times the unfolded rate, or of the highest rate below it that there is."""
    for times in range(speed, 1, -1):
        try:
            return search.start(max(1, search.lowered.interval // times)).design.interval
        except CodesignError:
            continue
    return search.lowered.interval


def random_designs(count: int) -> Iterator[tuple[int, Design]]:
    """Lowered Designs of the fuzzer's networks, those that it makes to be refused left out."""
    seed = made = 0
    while made < count:
        recipe = generate(seed)
        seed += 1
        if recipe.illegal:
            continue
        with tempfile.TemporaryDirectory() as folder:
            net, output = recipe.build()
            path = Path(folder) / "model.onnx"
            onnx.save(clean(net.model(output)), str(path))
            try:
                graph, _ = ingest(path, "fuzz", input_type=recipe.input_type or None)
                lowered = lower(graph, PART.family)
            except CodesignError:
                continue
        made += 1
        yield seed - 1, lowered


def same(lowered: Design, folded: Design) -> bool:
    """Whether both compute the same integers for random frames."""
    rng, ports = np.random.default_rng(0), (lowered.input, folded.input)
    words = ports[0].stream.random(rng, 3, ports[0].words)
    expected = lowered.run(words)
    found = folded.run(words.reshape(3, ports[1].words, ports[1].stream.lanes))
    return bool((found.reshape(3, -1) == expected.reshape(3, -1)).all())


def deep(seed: int = 0) -> Design:
    """21 convolutions in 2-D with nine residual additions, channels that double from 16 to 64."""
    b = Builder((16, 16, 3), 0, 255, seed)
    x, channels = b.requantize(b.conv("x", 16, (3, 3), ((1, 1), (1, 1))), 0, 15), 16
    for block in range(9):
        stride = 2 if block in (3, 6) else 1
        channels *= stride
        one = b.requantize(b.conv(x, channels, (3, 3), ((1, 1), (1, 1)), stride=stride), 0, 15)
        two = b.requantize(b.conv(one, channels, (3, 3), ((1, 1), (1, 1))), 0, 15)
        skip = x if stride == 1 else b.requantize(b.conv(x, channels, (1, 1), stride=stride), 0, 15)
        x = b.requantize(b.add(two, skip), 0, 15)
    return lower(b.graph(b.matmul(b.global_sum(x), 10), "deep"), PART.family)


def _deep() -> Iterator[Figure]:
    lowered = deep()
    interval = lowered.interval // 60
    begun, search = process_time(), Search(lowered, PART)
    found = search.smallest(interval)
    seconds = process_time() - begun
    if found is None:
        raise ValueError(f"{lowered.name} does not fit {PART.name}")
    ratio = PART.share(found.used) / PART.share(search.start(interval).used)
    yield Figure(
        "residual network of 20 layers, search, processor time", round(seconds, 1), "s", "measured", at_most=SECONDS
    )
    yield Figure("residual network of 20 layers, proven best", int(found.proven), "", "proven", at_least=1)
    yield Figure("residual network of 20 layers, by greedy", round(ratio, 3), "times", "model", at_most=1)


def _large(name: str, lowered: Design, interval: int) -> Iterator[Figure]:
    begun, search = process_time(), Search(lowered, PART)
    found = search.smallest(interval)
    if found is None:
        raise ValueError(f"{name} at {interval} cycles does not fit {PART.name}")
    yield Figure(f"{name}, search, processor time", round(process_time() - begun, 1), "s", "measured")
    yield Figure(f"{name}, interval", found.design.interval, "cycles", "model", at_most=interval)
    for kind, used in vars(found.used).items():
        yield Figure(f"{name}, {kind.upper()}", used, kind.upper(), "model", at_most=vars(PART.budget)[kind])
