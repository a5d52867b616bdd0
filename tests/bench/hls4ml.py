"""The hls4ml back end: networks of every width compared integer for integer, times, types' bits, random networks."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import Progress

from codesign.fuzz import campaign
from codesign.fuzz.trial import Verdict
from codesign.graph import IntegerGraph
from codesign.ingest import ingest
from hw.hls4ml.emit import Emission
from hw.hls4ml.settings import Settings
from quant import models
from quant.export import export_qonnx
from tests.bench.figures import Figure
from tests.hls4ml_nets import Formats, compared, graph_of

CSIM = "C simulation"
STREAM, ARRAYS = Settings(), Settings(io_type="io_parallel")
GUESSED = "fixed<48,20>"
"""A type for everything, as one takes it who knows no ranges."""
SKELETON, FRAMES = "skeleton-tiny", 1000
NETWORKS = 100
PLAN = (
    ("tfc", STREAM, range(2, 9)),
    ("tfc", ARRAYS, range(2, 9)),
    ("skeleton", STREAM, (2, 4, 8)),
    ("skeleton", ARRAYS, (4,)),
    ("one-way-add", STREAM, (2, 4, 8)),
    ("one-way-concat", STREAM, (2, 3, 4, 5, 6, 7, 8)),
    ("one-way-add-8x8", ARRAYS, (2, 4, 8)),
    ("cnv", STREAM, (2, 4, 8)),
    ("cnv-16x16", ARRAYS, (4,)),
)
"""Networks with scales that are powers of two, hls4ml's settings, bits of weights and activations."""


def measure() -> Iterator[Figure]:
    """What must agree first, then times, sizes and random networks."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for net, settings, widths in PLAN:
            for bits in widths:
                yield from _network(net, settings, bits, folder / f"{net}-{settings.io_type}-{bits}")
        yield from _preset(folder)
    yield from _fuzzed()


def _network(name: str, settings: Settings, bits: int, folder: Path) -> Iterator[Figure]:
    folder.mkdir()
    found = compared(graph_of(name, Formats(bits, bits), folder), settings, folder / "project")
    what = f"{name}, W{bits}A{bits}, {settings.io_type}, mismatches in {found.expected.size} outputs"
    yield Figure(what, found.mismatches, "integers", CSIM, at_most=0)


def _preset(folder: Path) -> Iterator[Figure]:
    """The skeleton preset with its trained weights, whose scales are floats."""
    model = models.get(SKELETON)
    net = model.load_weights()
    path = folder / "preset.onnx"
    export_qonnx(net, model.input_shape, path, SKELETON)
    started, processor = time.monotonic(), _processor()
    graph, _ = ingest(path, SKELETON)
    found = compared(graph, STREAM, folder / "derived")
    seconds, processor = time.monotonic() - started, _processor() - processor
    yield Figure(
        f"{SKELETON}, mismatches in {found.expected.size} outputs", found.mismatches, "integers", CSIM, at_most=0
    )
    yield Figure(f"{SKELETON}, from QONNX to the compared C simulation", round(seconds, 1), "s", "measured", at_most=90)
    yield Figure(f"{SKELETON}, the same in time of the processor, g++'s included", round(processor, 1), "s", "measured")
    guessed = compared(graph, Settings(precision=GUESSED), folder / "guessed")
    yield Figure(
        f"{SKELETON}, outputs that {GUESSED} changes", int((guessed.outputs != found.outputs).sum()), "integers", CSIM,
        at_most=0,
    )  # fmt: skip
    bits = [_bits(each.prepared.emission) for each in (guessed, found)]
    yield Figure(f"{SKELETON}, bits of results and accumulators, derived", bits[1], "bits", "proven")
    yield Figure(f"{SKELETON}, bits with {GUESSED} by derived ones", bits[0] / bits[1], "times", "proven", at_least=2)
    yield from _floats(net, graph, model.sample_inputs(FRAMES, seed=11), folder / "floats")


def _processor() -> float:
    """Seconds of this process and of those that it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _floats(net: torch.nn.Module, graph: IntegerGraph, x: np.ndarray, folder: Path) -> Iterator[Figure]:
    """Scores of the network as torch runs it in float32 against the C simulation's."""
    with torch.no_grad():
        scores = net.eval()(torch.from_numpy(x)).numpy()
    found = compared(graph, STREAM, folder, frames=graph.head.run(x))
    ours = graph.tail.run(found.outputs)
    changed = int((scores.argmax(1) != ours.argmax(1)).sum())
    yield Figure(f"{SKELETON}, classes that change in {len(x)} frames", changed, "frames", CSIM, at_most=0)
    yield Figure(f"{SKELETON}, largest difference of a score from float32", float(abs(scores - ours).max()), "", CSIM)
    yield Figure(f"{SKELETON}, largest score", float(abs(scores).max()), "", "measured")


def _bits(emission: Emission) -> int:
    return sum(kinds[what].bits for kinds in emission.types.values() for what in ("result", "accum") if what in kinds)


def _fuzzed() -> Iterator[Figure]:
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("networks", total=NETWORKS)
        folder = Path("build/bench/fuzz_hls4ml")
        summary = campaign.run(
            range(NETWORKS), "hls4ml", folder, os.cpu_count() or 1, lambda *_: bar.advance(task)
        )  # fmt: skip
    yield Figure("random networks, exact", summary.verdicts[Verdict.PASSED], "networks", CSIM)
    yield Figure("random networks, refused", summary.verdicts[Verdict.REFUSED], "networks", "measured")
    yield Figure("random networks, anything else", summary.failures, "networks", CSIM, at_most=0)
