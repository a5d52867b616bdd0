"""The models' figures of today against the committed measurements of yosys."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from hw.kernels import kinds
from hw.kernels.conformance import FAMILIES, synthesize
from hw.kernels.kernel import Resources
from tests.estimates import measurements, report
from tests.estimates.errors import MEDIAN, TAIL, Pair, Summary
from tests.estimates.grid import Configuration, configurations, synthesized_text
from tests.estimates.measurements import Measurements

SAMPLE = (("RegisterSlice", 0), ("StreamConcat", 6), ("Slice", 4))
"""Kernels, and places in their grids, that are synthesized here."""


@cache
def known() -> Measurements:
    return Measurements.load()


@cache
def measured() -> list[tuple[Configuration, Pair]]:
    return report.known_pairs(known())


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_the_measurements_are_of_this_rtl(kind: str) -> None:
    wanted = list(configurations(kind))
    stale = [c for c in wanted if known().of(c) is None]
    assert not stale, (
        f"{len(stale)} of {len(wanted)} measurements of {kind} in docs/estimates.json are missing or of other RTL: "
        f"run make calibrate (or python -m tests.estimates --kernel {kind})"
    )


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_a_grid_has_several_configurations_and_each_once(kind: str) -> None:
    found = list(configurations(kind))
    assert len(found) >= 8 * len(FAMILIES)
    assert len({(c.family, c.label) for c in found}) == len(found)


@pytest.mark.parametrize("held_out", [False, True], ids=["fitted", "held out"])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_estimates_are_as_near_as_is_asked(family: str, held_out: bool) -> None:
    chosen = [pair for c, pair in measured() if c.family == family and c.held_out == held_out]
    assert len(chosen) > 80
    summary = Summary.of(chosen)
    assert max(summary.median.values()) <= MEDIAN, summary
    assert max(summary.tail.values()) <= TAIL, summary
    assert summary.bram + summary.dsp <= 0.05 * summary.count, summary


def test_whole_designs_are_as_near_as_is_asked() -> None:
    designs = known().pairs()
    assert len(designs) >= 3 and {family for _, family, _ in designs} == set(FAMILIES)
    for name, _, pair in designs:
        assert max(pair.error("lut"), pair.error("ff")) <= TAIL, f"{name}: {pair}"
    summary = Summary.of([pair for _, _, pair in designs])
    assert max(summary.median.values()) <= MEDIAN, summary


@pytest.mark.parametrize(("kind", "index"), SAMPLE)
def test_a_sample_is_what_yosys_makes_of_it_today(kind: str, index: int) -> None:
    (chosen,) = [c for c in configurations(kind) if (c.family, c.index) == ("ecp5", index)]
    assert known().of(chosen) == synthesize(chosen.kernel, "ecp5")


def test_errors_by_hand() -> None:
    pair = Pair(Resources(lut=110, ff=3, bram=1), Resources(lut=100, ff=5))
    assert pair.error("lut") == pytest.approx(10)
    assert pair.error("ff") == pytest.approx(40)
    summary = Summary.of([pair, Pair(Resources(lut=20), Resources(lut=20))])
    assert (summary.count, summary.small, summary.bram, summary.dsp) == (2, 1, 1, 0)
    assert summary.median["lut"] == pytest.approx(5)


def test_other_rtl_is_another_key_and_other_comments_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = next(configurations("RegisterSlice"))
    before = chosen.key
    text = chosen.kernel.sources()[0].read_text()
    path = tmp_path / "register_slice.sv"
    monkeypatch.setattr(type(chosen.kernel), "sources", classmethod(lambda cls: (path,)))

    def key(changed: str) -> str:
        path.write_text(changed)
        synthesized_text.cache_clear()
        return Configuration(chosen.kernel, chosen.family, chosen.index).key

    assert key(text.replace("// Cuts", "// Really cuts")) == before
    assert key(text + "`ifdef BEHAVIOURAL\nmodule other;\nendmodule\n`endif\n") == before
    assert key(text + "`ifdef SYNTHESIS\nmodule other;\nendmodule\n`endif\n") != before
    assert key(text.replace("if (take)     spare", "if (s_valid)  spare")) != before
    synthesized_text.cache_clear()


def test_a_killed_measurement_is_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, calls = [c for c in configurations("RegisterSlice") if c.family == "ecp5"][:4], []
    monkeypatch.setattr(measurements, "PART", 2)

    class Made:
        resources = Resources(lut=7)

    def made(kernels: list[object], family: str) -> list[Made]:
        calls.append(len(kernels))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return [Made()] * len(kernels)

    monkeypatch.setattr(measurements.kernels, "synthesize", made)
    path = tmp_path / "estimates.json"
    with pytest.raises(KeyboardInterrupt):
        measurements.measure(wanted, Measurements(), lambda line: None, path)
    resumed = Measurements.load(path)
    assert [resumed.of(c) for c in wanted] == [Resources(lut=7)] * 2 + [None] * 2
    measurements.measure(wanted, resumed, lambda line: None, path)
    assert calls == [2, 2, 2] and all(resumed.of(c) for c in wanted)


def test_the_plot_is_the_same_in_every_run(tmp_path: Path) -> None:
    pairs = measured()[:40]
    report.plot(pairs, tmp_path / "a.svg")
    report.plot(pairs, tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert all(f"| {kind} |" in report.page(known(), measured()) for kind in {c.kind for c, _ in measured()})
