"""Judging by models is the slow way's folding, and what it says of boards, forms and targets follows from that."""

from __future__ import annotations

import random
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import pytest

import boards
from codesign.errors import UserError
from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder, plain_2d, residual_1d
from codesign.graph.operators.slice import Slice
from codesign.mapping.folding import fold_for_interval, read_folding, write_folding
from codesign.mapping.folding.search import Part
from codesign.mapping.forms import choose_forms, relieve
from codesign.sweep.judge import FAST, FITS, Judge, Judged, hardware, made_clock_mhz
from hw.design.design import Design
from hw.design.simulate import simulate
from hw.kernels.kernel import Resources
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from hw.lowering import fold, lower
from hw.tokens.design import run

BOARD = {board.family: board for board in map(boards.get, ("pynq_z2", "kv260", "ulx3s"))}


def wide() -> IntegerGraph:
    """Factors of 8 bits, which DSPs have and LUTs pay for, and a branch."""
    b = Builder((12, 8), -128, 127, 3)
    first = b.requantize(b.conv("x", 16, (3,), ((1, 1),)), -128, 127)
    second = b.requantize(b.conv(first, 16, (3,), ((1, 1),)), -128, 127)
    return b.graph(b.matmul(b.global_sum(b.requantize(b.add(first, second))), 4), "wide")


def uneven() -> IntegerGraph:
    """Half of 48 channels, in ever shorter frames: lanes that do not divide, and width converters of many lengths."""
    b = Builder((24, 7), 0, 3, 1)
    x = b.requantize(b.matmul("x", 48), 0, 15)
    x = b.append(Slice(inputs=(x,), output="half", starts=(0, 0), stops=(24, 24), steps=(1, 1)))
    for _ in range(2):
        x = b.requantize(b.conv(x, 24, (2,), stride=2), 0, 15)
    return b.graph(b.matmul(x, 6), "uneven")


GRAPHS = {"uneven": uneven, "residual": lambda: residual_1d()[0], "plain": lambda: plain_2d()[0], "wide": wide}


@cache
def lowered(name: str, family: str) -> Design:
    return lower(GRAPHS[name](), family)


def slowly(design: Design, interval: int, part: Part) -> Design:
    """The greedy folding without anything that is kept: a kernel is made for each use."""
    folded = choose_forms(fold(design, fold_for_interval(design, interval)), part.family)
    return relieve(folded, part.family, part.budget)


def described(design: Design, family: str) -> dict[str, object]:
    """What the kernels are and what is connected, each kernel by what it declares."""
    kernels = {
        name: (type(k).__name__, k.inputs, k.outputs, k.cycles(), k.resources(family), dict(k.verilog_parameters()))
        for name, k in design.kernels.items()
    }
    return {**kernels, "edges": dict(design.edges)}


@pytest.mark.parametrize("family", BOARD)
@pytest.mark.parametrize("name", GRAPHS)
def test_it_is_the_slow_ways_folding(name: str, family: str) -> None:
    """For targets in a random order, each after others; its folding gives the same design by itself."""
    design, rng = lowered(name, family), random.Random(name + family)
    judge, part = Judge(design, family), Part(family, Resources(*[10**9] * 5))
    for _ in range(8):
        interval = round(design.interval / 2 ** rng.uniform(0, 9)) + 1
        try:
            expected = slowly(design, interval, part)
        except UserError as error:
            assert judge.at(interval, "lut").why == str(error)
            continue
        judged = judge.at(interval, "lut")
        assert described(judged.design, family) == described(expected, family)
        assert (judged.interval, judged.resources) == (expected.interval, expected.resources(family))
        assert described(fold(design, judged.folding), family) == described(expected, family)


def test_a_folding_file_gives_the_same_design(tmp_path: Path) -> None:
    """With DSPs and in a part's budget; as ``codesign build`` reads it."""
    design, board = lowered("wide", "xc7"), BOARD["xc7"]
    judge = Judge(design, "xc7")
    judged = judge.at(200, "dsp", judge.left(board))
    write_folding(tmp_path / "folding.json", judged.folding)
    built = choose_forms(fold(design, read_folding(tmp_path / "folding.json", design)), "xc7")
    assert described(built, "xc7") == described(judged.design, "xc7")
    assert "dsp" in (tmp_path / "folding.json").read_text()


def multipliers(judged: Judged) -> list[str]:
    """Where each unit's products are made."""
    return [k.product.multiplier for k in judged.design.kernels.values() if isinstance(k, MatrixVectorUnit)]


def test_forms() -> None:
    """Logic alone, DSPs wherever a unit has them, or what is less of the part; never another rate."""
    judge = Judge(lowered("wide", "xc7"), "xc7")
    logic, with_dsps = judge.at(100, "lut"), judge.at(100, "dsp")
    assert set(multipliers(logic)) == {"lut"} and set(multipliers(with_dsps)) == {"dsp"}
    assert logic.interval == with_dsps.interval and logic.resources.lut > with_dsps.resources.lut
    assert judge.at(100, "auto").resources == logic.resources  # nothing says what a DSP is worth
    plenty = Resources(53_200, 106_400, 280, 10_000)
    assert multipliers(judge.at(100, "auto", plenty)) == multipliers(with_dsps)
    other = logic.resources.dsp  # the activations'
    assert multipliers(judge.at(100, "auto", replace(plenty, dsp=other))) == multipliers(logic)
    few = replace(plenty, lut=with_dsps.resources.lut // 4, dsp=with_dsps.resources.dsp - 1)  # not all can have them
    some = judge.at(100, "auto", few)
    assert some.resources.dsp <= few.dsp and set(multipliers(some)) == {"lut", "dsp"}
    tight = replace(plenty, lut=with_dsps.resources.lut, dsp=with_dsps.resources.dsp)
    assert not Part("xc7", tight).excess(judge.at(100, "auto", tight).resources)


def test_figures_of_a_board() -> None:
    """The scarcest resource is what the design is short of; a faster clock and fewer MACs are what they are."""
    board = BOARD["xc7"]
    judge = Judge(lowered("wide", "xc7"), "xc7")
    judged, left = judge.at(400), asdict(judge.left(board))
    figures, missed = hardware(judge, board, 100.0, judged)
    used = asdict(judged.resources)
    assert {kind: figures[kind] for kind in used} == used and not missed
    assert figures["share"] == max(used[kind] / left[kind] for kind in used if left[kind])
    assert figures["fps"] == 100e6 / figures["interval"] and figures["interval"] == judged.interval <= 400
    assert figures["macs"] == 12 * 16 * 3 * (8 + 16) + 16 * 4
    assert figures["latency_us"] * 100 == judge.first_frame(judged)
    faster, _ = hardware(judge, board, 200.0, judged)
    assert faster["latency_us"] == figures["latency_us"] / 2 and faster["energy_uj"] == figures["energy_uj"]
    scarce = replace(board, name="scarce", luts=board.luts // 50)
    share, missed = hardware(judge, scarce, 100.0, judged)[0]["share"], hardware(judge, scarce, 100.0, judged)[1]
    assert share > 1 and missed == {FITS: pytest.approx(share - 1)}


def test_a_board_makes_its_clock() -> None:
    """An ECP5's PLL makes few of them; one that no PLL makes is refused as a build does."""
    assert made_clock_mhz(BOARD["xc7"], 142.0) == 142.0 and made_clock_mhz(BOARD["xc7"]) == BOARD["xc7"].clock_mhz
    assert made_clock_mhz(BOARD["ecp5"], 71.3) != 71.3
    with pytest.raises(UserError):
        made_clock_mhz(BOARD["ecp5"], 5_000.0)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_target_too_fast(name: str) -> None:
    """Then it is the fastest greedy design, with the slow way's sentence; one cycle less is refused by that, too."""
    design = lowered(name, "xc7")
    judge = Judge(design, "xc7")
    with pytest.raises(UserError) as refused:
        fold_for_interval(design, 1)
    judged = judge.at(1)
    assert judged.why == str(refused.value) and judged.asked == 1
    assert judged.interval == judge.fastest == judge.at(judge.fastest).interval
    with pytest.raises(UserError):
        fold_for_interval(design, judged.interval - 1)
    figures, missed = hardware(judge, BOARD["xc7"], 100.0, judged)
    assert missed[FAST] == 1 - 1 / figures["interval"]
    assert not judge.at(judge.fastest).why and FAST not in hardware(judge, BOARD["xc7"], 100.0, judge.at(10**6))[1]


def test_cycles_are_the_rtls() -> None:
    """Of the design with its FIFOs, to the cycle; before them its latency is near, and the rate is already right."""
    judge = Judge(lowered("wide", "xc7"), "xc7")
    judged = judge.at(1200)
    made = judge.complete(judged)
    measured = simulate(made.design)
    assert measured.interval == made.interval == judged.interval
    first = int(measured.frame_cycles[0][0]) - measured.first_taken
    assert judge.first_frame(made) == first == run(made.design).first_frame
    assert judge.first_frame(judged) == pytest.approx(first, rel=0.03)
    assert made.resources == made.design.resources("xc7") and made.resources != judged.resources
    assert any(name.startswith("stream_fifo") for name in made.design.kernels)
