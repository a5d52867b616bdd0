"""Ingest of the zoo: seconds, and a million quantizer outputs of each network against float64 and float32 runs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from codesign.errors import VerificationFailed
from codesign.ingest import ingest as take
from codesign.ingest.verify import compare
from tests import zoo
from tests.bench.figures import Figure

OUTPUTS = 1_000_000
"""Quantizer outputs of each network that are compared, at least."""


def measure() -> Iterator[Figure]:
    """Take every network and compare it with the float runs."""
    with tempfile.TemporaryDirectory() as folder:
        for name in zoo.NETS:
            yield from _network(name, Path(folder))


def _network(name: str, folder: Path) -> Iterator[Figure]:
    path = zoo.exported(name, folder)
    take(path, name)  # once for imports and caches
    graph, report = take(path, name)
    each = compare(graph, path, zoo.NETS[name].frames(1), report).outputs
    result = compare(graph, path, zoo.NETS[name].frames(-(-OUTPUTS // each), 1), report)
    yield Figure(f"{name}, ingest", report.seconds, "s", "measured", at_most=1)
    yield Figure(f"{name}, outputs compared", result.outputs, "integers", "measured", at_least=OUTPUTS)
    yield Figure(f"{name}, differences from float64", result.float64_differences, "integers", "measured", at_most=0)
    yield Figure(f"{name}, differences from float32", result.float32_differences, "integers", "measured")
    if result.float64_differences or result.unexplained:
        raise VerificationFailed(f"{name} differs from its float runs: {result.first}.")
