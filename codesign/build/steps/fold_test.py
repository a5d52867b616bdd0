"""What a build may take of its part: shares, limits, and room for FIFOs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import boards
from codesign.build.budget import beside_shell, check_lacking, part_of, rate_for
from codesign.build.config import BuildConfig
from codesign.build.steps.fold import check_port, searched
from codesign.errors import UserError
from codesign.graph.examples import Builder, residual_1d
from codesign.mapping.fifos import size_fifos
from codesign.mapping.folding.search import Part, Search
from codesign.mapping.weights import place
from hw.kernels.kernel import Resources
from hw.lowering import fold, lower


def config(**settings: object) -> BuildConfig:
    return BuildConfig("m.onnx", "pynq_z2", Path("unused"), **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        (None, Resources(52_800, 105_800, 280, 220)),
        ("100%", Resources(52_800, 105_800, 280, 220)),
        ("50%", Resources(26_600, 53_200, 140, 110)),
        ("lut=20000, BRAM=100,dsp=80", Resources(20_000, 105_800, 100, 80)),
        ("dsp=0,lut=12.5%", Resources(6_650, 105_800, 280, 0)),
    ],
)
def test_limits_are_shares_or_numbers_beside_the_shell(text: str | None, budget: Resources) -> None:
    """The shell takes 337 LUTs and 545 flip-flops by yosys 0.70, and a little more where frames are long."""
    found = part_of(config(max_resources=text)).budget
    assert (found.bram, found.dsp) == (budget.bram, budget.dsp)
    assert (found.lut, found.ff) == (pytest.approx(budget.lut, abs=50), pytest.approx(budget.ff, abs=50))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("much", "must be a share of the part such as 50%, or limits of lut, ff, bram, dsp .*, not 'much'"),
        ("lut=3,uram=2", "not 'uram=2'"),
        ("lut=60000", "gives 60,000 LUT, and pynq_z2 has 53,200: give at most that"),
        ("120%", "gives 63,840 LUT, and pynq_z2 has 53,200"),
    ],
)
def test_wrong_limits_are_one_sentence(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        part_of(config(max_resources=text))


@pytest.mark.parametrize("interval", [7, 320, 12_544, 33_333, 999_983])
def test_a_rate_that_is_named_allows_the_interval(interval: int) -> None:
    named = float(rate_for(config(), interval))
    assert interval <= int(100e6 / named) <= interval * 1.0001 + 1


def test_a_form_that_the_part_has_nothing_for_is_named() -> None:
    lowered = lower(residual_1d(3)[0], "xc7")
    folded = fold(lowered, {"requantizer_0": {"pe": 2}})
    with pytest.raises(UserError, match=r"form of requantizer_0 takes \d+ DSP, and pynq_z2 .* has none: use another"):
        check_lacking(config(max_resources="dsp=0"), folded)
    check_lacking(config(), folded)


def test_fifos_are_given_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that the fastest folding alone fits into, but not together with its FIFOs."""
    lowered, board = lower(residual_1d(3)[0], "ecp5"), boards.get("ulx3s")
    free = Search(lowered, Part("ecp5", replace(beside_shell(board), lut=2_400))).fastest()
    assert free is not None
    alone, together = free.used.lut, size_fifos(free.design)[0].resources("ecp5").lut
    assert together > alone + 1
    tight = replace(board, luts=together - 1 + board.luts - beside_shell(board).lut)
    monkeypatch.setattr(boards, "get", lambda name: tight)
    given = replace(config(max_resources="100%"), board="ulx3s")
    search = Search(lowered, part_of(given))
    without = search.fastest()
    assert without is not None and size_fifos(without.design)[0].resources("ecp5").lut >= together
    sized, _ = size_fifos(searched(given, search).design)
    assert sized.resources("ecp5").lut < together


def test_more_weights_than_the_port_brings_in_time_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five sets of a 3 x 8 matrix: 24 weights of 4 bits, 8 of which lie in a word: the most that divide 24."""
    b = Builder((20, 40), 0, 15)
    placed = place(b.graph(b.conv("x", 15, (1,), groups=5)), Resources(), "always")
    design = fold(lower(placed.graph, "xc7", placed.streamed), {})
    assert design.load_packets().frame_words == 15
    check_port(config(target_fps=100e6 / 15.5), design)
    refusal = r"streams 15 words .* a frame has 14 cycles: ask for at most --target-fps 6.66"
    with pytest.raises(UserError, match=refusal):
        check_port(config(target_fps=100e6 / 14.5), design)
    hasty = replace(boards.get("pynq_z2"), target_fps=100e6 / 14.5)
    monkeypatch.setattr(boards, "get", lambda name: hasty)
    with pytest.raises(UserError, match=refusal):
        check_port(config(), design)
    check_port(config(max_resources="50%"), design)  # as fast as that allows: no rate is asked for
