"""The weight-load port of whole designs: packets, the chain in RTL, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import VerificationFailed
from hw.design.design import Design
from hw.design.emit import ERROR_FLAG, TOP, emit, top_module
from hw.design.loads import LOAD_PORT, LoadPackets
from hw.design.simulate import simulate
from hw.design.testdata.loaded import CHANNELS, SETS, WORDS, LoadedAdd, chain, constants, sums
from hw.sim import Simulator, Stalls, compile_simulator, lint


def simulator(
    design: Design, folder: Path, change: Callable[[LoadPackets], LoadPackets] = lambda load: load
) -> Simulator:
    sources = emit(design, folder)
    ends = [design.input], [design.output]
    load = change(design.load_packets())
    return compile_simulator(TOP, sources, *ends, data=folder, flags=[ERROR_FLAG], optimise=False, load=load)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Design, Path]:
    design, folder = chain(), tmp_path_factory.mktemp("rtl")
    simulator(design, folder)
    return design, folder


def random(design: Design, frames: int, seed: int) -> np.ndarray:
    return design.input.stream.random(np.random.default_rng(seed), frames, WORDS)


@pytest.mark.parametrize(
    "stalls",
    [
        Stalls(),
        Stalls(0.3, 4, 1),
        Stalls(0.7, 2, 2, outputs=False),
        Stalls(0.7, 2, 3, inputs=False),
        Stalls(0.05, 60, 4),
    ],
)
def test_many_frames_with_stalls_on_all_three_streams(compiled: tuple[Design, Path], stalls: Stalls) -> None:
    design, folder = compiled
    x = random(design, 80, seed=5)
    result = simulator(design, folder).run([x], stalls=stalls)
    np.testing.assert_array_equal(result.outputs[0], sums(design, x))
    np.testing.assert_array_equal(design.run(x), result.outputs[0])
    assert result.flags[ERROR_FLAG] == 0
    assert len(result.taken[1]) == WORDS // 2 * 2 + 80 * SETS * CHANNELS * 2, "all weights went in"


def test_the_port_limits_a_design_that_loads_more_than_it_takes() -> None:
    """Two words of 64 bits a cycle's word: the measured cycles tell."""
    design = chain(("each", "each", "each"))
    kernels = [LoadedAdd(constants(i, SETS, 4), 1, 8 + i, True) for i in range(3)]
    design.kernels |= {f"add{i}": kernel for i, kernel in enumerate(kernels)}
    assert simulate(chain(("once", "each"))).interval == WORDS
    assert simulate(design).interval == design.load_packets().frame_words == 3 * WORDS


def test_packets_have_the_kernels_words_in_the_chains_order() -> None:
    design = chain()
    assert design.loads == ["add0", "add1", "add2", "add3"]
    start, frame = design.load_packets()
    loads = [design.kernels[name].load().words for name in design.loads]  # type: ignore[union-attr]
    assert start.tolist() == [*loads[0][0], *loads[2][0]]
    assert [packet.tolist() for packet in frame] == [[*loads[1][s], *loads[3][s]] for s in range(SETS)]
    words, last = design.load_packets().sequence(2)
    assert words.view(np.uint64)[:, 0].tolist() == [*start, *np.concatenate(frame), *np.concatenate(frame)]
    ends = np.cumsum([len(start), *[2 * CHANNELS] * 2 * SETS]) - 1
    assert np.flatnonzero(last).tolist() == ends.tolist()


def test_only_who_sees_the_start_packet_waits_for_it() -> None:
    text = top_module(chain())
    assert text.count(".START_PACKET(1)") == 1
    assert text.index("add0 (") < text.index(".START_PACKET(1)") < text.index("add1 (")
    assert ".w_data(load0_data)" in text and ".n_ready(load4_ready)" in text
    assert "START_PACKET" not in top_module(chain(("once", "each")))


def test_a_design_that_loads_nothing_has_no_port() -> None:
    design = chain(())
    assert not design.loads and not design.load_packets()
    assert "w_data" not in top_module(design) and "load" not in top_module(design).replace("loaded", "")


def test_lint_says_nothing(compiled: tuple[Design, Path]) -> None:
    assert lint(TOP, sorted(compiled[1].glob("*.sv"))) == []


def swapped(load: LoadPackets) -> LoadPackets:
    return load._replace(frame=tuple(np.roll(packet, CHANNELS) for packet in load.frame))


def wrong_word(load: LoadPackets) -> LoadPackets:
    start = load.start.copy()
    start[3] ^= np.uint64(1)
    return load._replace(start=start)


def without_start(load: LoadPackets) -> LoadPackets:
    return load._replace(start=load.start[:0])


def one_packet(load: LoadPackets) -> LoadPackets:
    return load._replace(frame=(np.concatenate(load.frame),))


@pytest.mark.parametrize("change", [swapped, wrong_word, without_start, one_packet])
def test_wrong_weights_are_seen(compiled: tuple[Design, Path], change: Callable[[LoadPackets], LoadPackets]) -> None:
    """Kernels' words in another order, a bit of a word, no start packet, no `last` between sets."""
    design, folder = compiled
    x = random(design, 6, seed=6)
    try:
        found = simulator(design, folder, change).run([x], timeout=500).outputs[0]
    except VerificationFailed as error:
        assert "no word moved" in str(error)
        return
    assert (found != sums(design, x)).any()


@pytest.mark.parametrize(
    ("kinds", "sets", "told"),
    [
        (("each", "each"), {"add1": (2, 2)}, "as many sets; add0 3, add1 2"),
        (("once",), {"add0": (2, 2)}, "add0: it loads once, so that it has one set, not 2"),
    ],
)
def test_loads_that_make_no_packets_together_are_refused(
    kinds: tuple[str, ...], sets: dict[str, tuple[int, int]], told: str
) -> None:
    design = chain(kinds)
    for name, (count, channels) in sets.items():
        kernel = design.kernels[name]
        positions = WORDS // count // channels
        design.kernels[name] = kernel.fold(constants=constants(9, count, channels), positions=positions)
    with pytest.raises(ValueError, match=told):
        design.chain()


def test_the_ports_words_are_those_of_a_load() -> None:
    assert LOAD_PORT.stream.word_bits == 65
