"""Back ends side by side: wrong integers, cycles, LUTs and time of each.

Seconds are processor seconds of everything: folding, writing, compilers with nothing in the cache, running. FINN's are
left out: its process lives on.
"""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np

from codesign.build import BuildConfig
from codesign.build.frames import frames
from codesign.cli.check import load
from codesign.compare.columns import COLUMNS, chosen
from codesign.compare.compare import compare, explain
from codesign.compare.native import Native
from codesign.ingest import ingest_model
from codesign.ingest.testing import Net
from tests.bench.figures import SOURCES, Figure

FRAMES = 1000
BOARD = "zcu104"
SOURCE = {"RTL (Verilator)": "measured (RTL)", "C simulation (g++)": "C simulation"}
SHOWN = {"cycles a frame": "cycles", "latency (cycles)": "cycles", "LUT": "LUT"}


def mlp(folder: Path) -> str:
    """Write a network of 16, 32 and 5 with weights, activations and inputs of 6 bits; return its file."""
    net, rng = Net((1, 16)), np.random.default_rng(0)

    def layer(x: str, inputs: int, outputs: int) -> str:
        weights = net.quant(net.const(rng.standard_normal((inputs, outputs))), 0.0625, 6, narrow=1)
        return net.op("MatMul", x, weights)

    hidden = net.quant(net.op("Relu", layer(net.quant("x", 0.0625, 6), 16, 32)), 0.25, 6, 0)
    return str(net.save(layer(hidden, 32, 5), folder / "mlp-16-32-5.onnx"))


def measure() -> Iterator[Figure]:
    """The small net in every back end; a preset in those that make hardware of it."""
    with tempfile.TemporaryDirectory() as name, patch.dict(os.environ, CODESIGN_CACHE=str(Path(name) / "cache")):
        folder = Path(name)
        yield from _compared(mlp(folder), list(COLUMNS), folder / "mlp")
        yield from _compared("skeleton-tiny", ["native", "hls4ml"], folder / "preset")
        yield from _changed(mlp(folder), folder / "changed")


def _compared(model: str, names: Sequence[str], folder: Path) -> Iterator[Figure]:
    graph, _ = ingest_model(load(model), Path(model).stem)
    config = BuildConfig(model, BOARD, folder)
    before = _seconds()
    for outcome in compare(chosen(",".join(names)), graph, frames(config, graph, FRAMES), config):
        what = f"{graph.name}, {outcome.column.name}"
        if outcome.result is None:
            raise outcome.error or AssertionError("a column without result has an error")
        compared, source = f"{outcome.result.integers:,} integers", SOURCE.get(outcome.column.runs, "measured")
        yield Figure(f"{what}, wrong of {compared}", outcome.result.mismatches, "integers", source, at_most=0)
        for figure in outcome.result.figures:
            if figure.what in SHOWN:
                source = figure.source if figure.source in SOURCES else "model"
                yield Figure(f"{what}, {figure.what}", figure.value, SHOWN[figure.what], source)
        now = _seconds()
        if outcome.column.name != "finn":
            yield Figure(f"{what}, time", now - before, "s", "measured")
        before = now


def _changed(model: str, folder: Path) -> Iterator[Figure]:
    """A weight of the second layer's memory changed: found, and with the right name."""
    graph, _ = ingest_model(load(model), Path(model).stem)
    config = BuildConfig(model, BOARD, folder)
    column = Native(config, folder)
    column.prepare(graph)
    instance = next(name for name, tensor in column.design.tensors.items() if tensor == graph.output)
    path = column.rtl / f"{instance}_weights.hex"
    first, *others = path.read_text().split()
    path.write_text("\n".join([f"{int(first, 16) ^ 1:0{len(first)}x}", *others]) + "\n")
    x = frames(config, graph, 100)
    difference, _ = explain(column, graph, x, column.run(x))
    named = float(difference is not None and difference.operator == graph.output)
    yield Figure("a changed weight of the Verilog is named", named, "of 1", "measured (RTL)", at_least=1)


def _seconds() -> float:
    """Processor seconds of this process and of those that it waited for."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
