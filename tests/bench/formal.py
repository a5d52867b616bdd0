"""Formal proofs: handshakes proven for all time, and mistakes that the proofs find."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from hw.formal import proofs
from hw.formal.__main__ import results, work
from tests.bench.figures import Figure

FOLDER = Path("build/formal")


def measure() -> Iterator[Figure]:
    """All proofs and all mutations; those whose sources have not changed are known from the run before."""
    chosen, jobs = list(proofs().values()), min(2, os.cpu_count() or 1)
    proven = list(results(work(chosen, FOLDER, mistakes=False), jobs))
    found = list(results(work(chosen, FOLDER, mistakes=True), jobs))
    good = [result for result in proven if result.good]
    yield Figure("modules with proofs", len(chosen), "modules", "proven")
    yield Figure("proofs (a kernel and its parameters)", len(good), "proofs", "proven", at_least=len(proven))
    yield Figure("properties, in all proofs", sum(len(r.properties) for r in good), "properties", "proven")
    yield Figure("situations reached, in all proofs", sum(len(r.covers) for r in good), "covers", "proven")
    caught = sum(result.good for result in found)
    yield Figure("mistakes found, of those put in", caught, "mutations", "proven", at_least=len(found))
    yield Figure("time of the proofs, tools alone", sum(result.seconds for result in proven), "s", "measured")
    yield Figure("time of the mutations, tools alone", sum(result.seconds for result in found), "s", "measured")
