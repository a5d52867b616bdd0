"""Estimates of resources against yosys, from the committed measurements."""

from __future__ import annotations

from collections.abc import Iterator

from codesign.errors import UserError
from hw.kernels.conformance import FAMILIES
from tests.bench.figures import Figure
from tests.estimates.errors import MEDIAN, TAIL, Summary
from tests.estimates.measurements import Measurements
from tests.estimates.report import known_pairs


def measure() -> Iterator[Figure]:
    """Median and 95th percentile of the errors: by part family, of what no model was fitted to, of whole designs."""
    known = Measurements.load()
    pairs = known_pairs(known)
    if not pairs or not known.designs:
        raise UserError("docs/estimates.json has no measurements of this RTL: run make calibrate.")
    for family in FAMILIES:
        chosen = [pair for c, pair in pairs if c.family == family]
        if chosen:
            yield from _figures(f"{family}, {len(chosen)} configurations", Summary.of(chosen))
    held_out = [pair for c, pair in pairs if c.held_out]
    yield from _figures(f"held out, {len(held_out)} configurations", Summary.of(held_out))
    yield from _figures(f"whole designs, {len(known.designs)}", Summary.of([pair for _, _, pair in known.pairs()]))


def _figures(what: str, summary: Summary) -> Iterator[Figure]:
    for name, label in (("lut", "LUTs"), ("ff", "flip-flops")):
        yield Figure(f"{what}: median error of {label}", round(summary.median[name], 1), "%", "yosys estimate", MEDIAN)
        yield Figure(f"{what}: 95th percentile of {label}", round(summary.tail[name], 1), "%", "yosys estimate", TAIL)
