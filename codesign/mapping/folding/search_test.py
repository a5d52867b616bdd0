"""The search finds what trying everything finds, is never worse than the greedy folding, and keeps to the part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import UserError
from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder, plain_2d, residual_1d
from codesign.mapping.fifos import size_fifos
from codesign.mapping.folding import fold_for_interval
from codesign.mapping.folding.model import Model, Solution
from codesign.mapping.folding.options import Options
from codesign.mapping.folding.report import describe, lines
from codesign.mapping.folding.search import Part, Search
from hw.design.design import Design
from hw.design.emit import TOP, emit
from hw.kernels.kernel import Resources
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from hw.lowering import fold, lower
from hw.lowering.adapt import readers
from hw.sim import Stalls, compile_simulator

ECP5 = Part("ecp5", Resources(83_640, 83_640, 208, 156), "ulx3s")


def small() -> IntegerGraph:
    """Two units and an activation between them: 5 channels, which only 1 and 5 divide."""
    b = Builder((40, 4), 0, 15, 2)
    return b.graph(b.matmul(b.requantize(b.matmul("x", 5)), 2), "small")


def branched() -> IntegerGraph:
    """A fork at the input, two paths that end in a sum, 6 channels."""
    b = Builder((12, 6), 0, 15, 2)
    return b.graph(b.add(b.requantize(b.matmul("x", 6)), b.requantize("x")), "branched")


Values = dict[str, dict[str, tuple[object, ...]]]


def everything(lowered: Design, values: Values) -> list[tuple[int, float]]:
    """(interval, share of the part) of every folding from ``values``; those with serial forms only if in time."""
    choices = [
        [(name, dict(zip(each, chosen, strict=True))) for chosen in product(*each.values())]
        for name, each in values.items()
    ]
    found = []
    for chosen in product(*choices):
        design = fold(lowered, dict(chosen))
        pace = design.kernels["matrix_vector_unit_0"].cycles().interval
        late = any(k.cycles().interval > pace for k in design.kernels.values() if getattr(k, "serial", False))
        if not late:
            found.append((design.interval, ECP5.share(design.resources("ecp5"))))
    return found


def test_it_finds_the_best_of_everything() -> None:
    """Padded foldings included: 5 channels with PE or SIMD 2 and 3 are 6."""
    lowered = lower(small(), "ecp5")
    values: Values = {
        "matrix_vector_unit_0": {"pe": (1, 2, 3, 5), "simd": (1, 2, 4)},
        "requantizer_0": {"pe": (1, 2, 3, 5), "serial": (False, True)},
        "matrix_vector_unit_1": {"pe": (1, 2), "simd": (1, 2, 3, 5)},
    }
    tried, search = everything(lowered, values), Search(lowered, ECP5)
    for interval in (800, 400, 300, 200, 130, 80, 40):
        found = search.smallest(interval)
        assert found is not None and found.proven
        assert ECP5.share(found.used) <= 1.002 * min(s for i, s in tried if i <= interval), interval
        assert found.used == found.design.resources("ecp5")
        assert found.design.interval <= interval


def test_it_finds_the_best_where_streams_fork_and_join() -> None:
    lowered = lower(branched(), "ecp5")
    pe: dict[str, tuple[object, ...]] = {"pe": (1, 2, 3, 6), "serial": (False,)}
    values: Values = {
        "matrix_vector_unit_0": {"pe": (1, 2, 3, 6), "simd": (1, 2, 3, 6)},
        **{"requantizer_0": pe, "requantizer_1": pe},
        "stream_add_0": {"pe": (1, 2, 3, 6)},
    }
    tried, search = everything(lowered, values), Search(lowered, ECP5)
    for interval in (72, 36, 24, 12):  # no serial form would be in time
        found = search.smallest(interval)
        assert found is not None and found.proven
        assert ECP5.share(found.used) <= 1.002 * min(s for i, s in tried if i <= interval), interval


@pytest.mark.parametrize("make", [small, branched, lambda: residual_1d(3)[0], lambda: plain_2d(3)[0]])
@pytest.mark.parametrize("speed", [1, 4, 12])
def test_the_program_counts_what_the_design_takes(make: Callable[[], IntegerGraph], speed: int) -> None:
    """Converters, guard and forks included, to the last flip-flop."""
    lowered = lower(make(), "ecp5")
    search, interval = Search(lowered, ECP5), lowered.interval // speed
    options = Options(lowered, "ecp5")
    solution = Model(options, interval, ECP5.budget, search.start(interval).folding).solve(20)
    folding = {name: option.settings for name, option in solution.chosen.items() if lowered.kernels[name].folds}
    assert ECP5.share(fold(lowered, folding).resources("ecp5")) == pytest.approx(solution.share, rel=1e-9)


def test_a_forked_input_has_its_narrowest_readers_lanes() -> None:
    """Held to lanes of the readers and of the guard, the program has a solution where ``fold`` makes that guard."""
    lowered = lower(branched(), "ecp5")
    unit, activation = readers(lowered, "frame_guard_0")
    model = Model(Options(lowered, "ecp5"), 72, ECP5.budget, {})
    free = list(model.program.upper)
    for simd, pe, guard in product((1, 2, 3, 6), repeat=3):
        model.program.upper = list(free)
        for name, lanes in ((unit.instance, simd), (activation.instance, pe), ("frame_guard_0", guard)):
            for column, option in model.columns[name]:
                model.program.upper[column] = float(option.inputs[0][0] == lanes)
        made = fold(lowered, {unit.instance: {"simd": simd}, activation.instance: {"pe": pe}})
        assert bool(model.solve(20, first=True).chosen) == (made.input.stream.lanes == guard), (simd, pe, guard)


def test_a_burst_is_not_made_to_wait() -> None:
    """Sums come all at once at a frame's end: six cycles a word would be in time, but stop the sums, and the input."""
    b = Builder((6, 8), 0, 15, 4)
    lowered = lower(b.graph(b.matmul(b.requantize(b.global_sum("x")), 2)), "ecp5")
    found = Search(lowered, ECP5).smallest(48)
    assert found is not None
    assert found.design.kernels["requantizer_0"].cycles().interval == 8
    even = Builder((6, 8), 0, 15, 4)
    found = Search(lower(even.graph(even.requantize(even.matmul("x", 2))), "ecp5"), ECP5).smallest(96)
    assert found is not None
    assert found.design.kernels["requantizer_0"].serial  # type: ignore[attr-defined]  # a unit gives its words evenly


@pytest.mark.parametrize("make", [residual_1d, plain_2d])
@pytest.mark.parametrize("speed", [1, 3, 10])
def test_it_is_never_worse_than_greedy_and_computes_the_same(make: type, speed: int) -> None:
    graph, x = make(3)
    lowered = lower(graph, "ecp5")
    interval, search = lowered.interval // speed, Search(lowered, ECP5)
    found, greedy = search.smallest(interval), search.start(interval)
    assert found is not None
    assert ECP5.share(found.used) <= ECP5.share(greedy.used)
    assert found.design.interval <= interval
    words = x.reshape(len(x), found.design.input.words, -1)
    np.testing.assert_array_equal(found.design.run(words).reshape(len(x), -1), graph.run(x).reshape(len(x), -1))
    again = fold(lowered, found.folding)  # the folding says it all, forms included
    assert again.resources("ecp5") == found.used


def test_a_search_without_time_keeps_what_it_began_with() -> None:
    lowered = lower(residual_1d(3)[0], "ecp5")
    search = Search(lowered, ECP5, seconds=0.0)
    found = search.smallest(1_000)
    assert found is not None and search.ended_early and not found.proven
    assert ECP5.share(found.used) <= ECP5.share(search.start(1_000).used)
    report = lines(describe(search, found, 25))
    assert any("ended after 0 s: this is each kernel folded for itself" in line for line in report)


@pytest.mark.parametrize("kind", ["lut", "bram", "dsp"])
def test_a_scarce_resource_is_kept_to_or_refused(kind: str) -> None:
    """With less of one resource a design is made of others, until there is none that fits."""
    lowered = lower(residual_1d(3)[0], "ecp5")
    plenty = asdict(ECP5.budget) | ({"bram": 5_000} if kind == "bram" else {})
    free = Search(lowered, Part("ecp5", Resources(**plenty))).smallest(1_500)
    assert free is not None
    amount, fitted = asdict(free.used)[kind], 0
    for limit in range(amount - 1, -1, -max(1, amount // 6)):
        part = Part("ecp5", Resources(**(plenty | {kind: limit})), "small")
        found = Search(lowered, part).smallest(1_500)
        if found is None:
            with pytest.raises(UserError, match=f"{kind.upper()} more than the {limit:,} of it on small"):
                fold_for_interval(lowered, 1_500, part)
            break
        fitted += 1
        assert not part.excess(found.used)
    assert kind != "bram" or fitted


def test_weights_lie_in_what_there_is_more_of() -> None:
    """As logic while it is cheap, in block RAM where LUTs are scarce; without any block RAM, ROMs are shallow."""
    lowered = lower(residual_1d(3)[0], "ecp5")

    def memories(interval: int, **scarce: int) -> list[str]:
        part = Part("ecp5", Resources(**(asdict(ECP5.budget) | scarce)))
        found = Search(lowered, part).smallest(interval)
        assert found is not None and found.proven and not part.excess(found.used)
        return [k.memory_form for k in found.design.kernels.values() if isinstance(k, MatrixVectorUnit)]

    assert memories(1_500) == ["lut"] * 4
    assert memories(1_500, lut=1_400) == ["block"] * 4
    assert "block" in memories(6_400, bram=5_000)
    assert memories(6_400, bram=0) == ["lut"] * 4


def test_the_fastest_fits_and_the_next_faster_does_not() -> None:
    lowered = lower(residual_1d(3)[0], "ecp5")
    part = Part("ecp5", Resources(3_000, 3_000, 20, 20), "small")
    search = Search(lowered, part)
    found = search.fastest()
    assert found is not None and not part.excess(found.used)
    below = [i for i in search.intervals if i < found.design.interval]
    assert search.smallest(below[-1]) is None
    report = describe(search, found, 25)
    assert report["next_faster"]["over"] == part.excess(search.nearest(below[-1]).used)
    assert report["next_slower"]["interval"] > found.design.interval
    assert report["bottleneck"]["kernel"] == found.design.bottleneck


def test_what_no_folding_reaches_is_one_sentence() -> None:
    lowered = lower(residual_1d(3)[0], "ecp5")
    with pytest.raises(UserError, match=r"takes \d+ cycles a frame .*, more than the 3 that the target allows"):
        fold_for_interval(lowered, 3, ECP5)
    none = Part("ecp5", Resources(100, 100, 1, 1), "tiny")
    assert Search(lowered, none).fastest() is None
    assert "no folding of this model fits" in Search(lowered, none).too_large()


def test_the_report_warns_of_what_is_folded_to_one() -> None:
    lowered = lower(residual_1d(3)[0], "ecp5")
    search = Search(lowered, ECP5)
    one = describe(search, search.start(lowered.interval), 25)
    assert "the next cheaper design: none, everything is folded as far as it can be" in "\n".join(lines(one))
    assert one["warnings"] and "everything is folded to PE = SIMD = 1" in one["warnings"][0]


@pytest.mark.parametrize("interval", [900, 200])
def test_the_rtl_of_what_is_found_keeps_its_interval(interval: int, tmp_path: Path) -> None:
    """7 channels, so that they are padded; serial activations; a fork and a sum."""
    b = Builder((20, 3), -8, 7, 3)
    first = b.requantize(b.conv("x", 7, (3,), ((1, 1),)))
    other = b.requantize(b.conv(first, 7, (3,), ((1, 1),)))
    graph = b.graph(b.matmul(b.requantize(b.add(first, other), 0, 15), 2), "seven")
    found = Search(lower(graph, "ecp5"), ECP5).smallest(interval)
    assert found is not None
    design, _ = size_fifos(found.design)
    sources = emit(design, tmp_path)
    simulator = compile_simulator(TOP, sources, [design.input], [design.output], data=tmp_path)
    x = b.frames(20)
    words = x.reshape(20, design.input.words, -1)
    for stalls in (None, Stalls(0.3, 4, 1)):
        result = simulator.run([words], stalls=stalls)
        np.testing.assert_array_equal(result.outputs[0].reshape(20, -1), graph.run(x).reshape(20, -1))
        if stalls is None:
            assert result.interval == design.interval <= interval


def test_the_fastest_found_without_time_is_no_proof() -> None:
    """A program that ends undecided has not said that nothing fits."""
    lowered = lower(residual_1d(3)[0], "ecp5")
    greedy = [asdict(Search(lowered, ECP5).start(interval).used) for interval in (2_000, lowered.interval)]
    tight = Part("ecp5", Resources(**{kind: max(used[kind] for used in greedy) for kind in greedy[0]}))
    whole, hurried = Search(lowered, tight).fastest(), Search(lowered, tight, seconds=0.0)
    assert whole is not None and whole.proven and whole.design.interval <= 2_000
    found = hurried.fastest()
    assert found is not None and not found.proven and hurried.ended_early
    assert found.design.interval >= whole.design.interval


def test_a_program_that_ended_undecided_has_not_said_that_nothing_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    lowered = lower(residual_1d(3)[0], "ecp5")
    solve = Model.solve

    def only_the_last(model: Model, seconds: float, gap: float = 1e-3, first: bool = False) -> Solution:
        return Solution({}, proven=False) if first else solve(model, seconds, gap)

    monkeypatch.setattr(Model, "solve", only_the_last)
    search = Search(lowered, Part("ecp5", Search(lowered, ECP5).start(lowered.interval).used))
    found = search.fastest()
    assert found is not None and search.ended_early and not found.proven


def test_ultra_ram_is_taken_where_block_ram_runs_out() -> None:
    """Two layers of 128 x 128 weights, 64 kbit each: four block RAMs, or an ultra RAM whose weights must be loaded."""
    b = Builder((64, 128), 0, 15, 2)
    lowered = lower(b.graph(b.matmul(b.requantize(b.matmul("x", 128)), 128), "large"), "xcup")
    found = {}
    for blocks, ultra in ((100, 0), (7, 1), (2, 2), (2, 0)):
        part = Part("xcup", Resources(lut=4_000, ff=8_000, bram=blocks, dsp=20, uram=ultra))
        best = Search(lowered, part).smallest(64 * 128 * 128 // 16)
        found[blocks, ultra] = best and (
            best.used.uram,
            sum(k.load() is not None for k in best.design.kernels.values()),
        )
        assert best is None or (best.used.bram <= blocks and best.used.uram <= ultra)
    assert found == {(100, 0): (0, 0), (7, 1): (1, 1), (2, 2): (2, 2), (2, 0): None}
