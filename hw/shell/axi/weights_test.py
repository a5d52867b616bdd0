"""The stream of weights through the AXI shell to a design that loads them: packets, transfers, errors, resets."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import boards
from codesign.errors import UserError
from hw.design.design import Design
from hw.design.emit import emit
from hw.design.testdata.loaded import WORDS, chain, sums
from hw.shell import registers, shells
from hw.shell.axi.bench import Agent, Bench, Master, Sink, Source, build
from hw.shell.axi.shell import AxiShell
from hw.sim import lint
from hw.synth import tool, yosys


def shell(design: Design) -> AxiShell:
    load = design.load_packets()
    bits = design.input.stream.data_bits, design.output.stream.data_bits
    return AxiShell(*bits, WORDS, build=1, start_words=len(load.start), packet_words=load.packet_words)


def sources(design: Design, folder: Path) -> list[Path]:
    return [*emit(design, folder / "rtl"), *shell(design).emit(folder / "shell")]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Design, Path]:
    """A design with kernels of both kinds, and the library of its bench."""
    design = chain()
    return design, build(sources(design, tmp_path_factory.mktemp("loaded")), weights=True)


def packets(design: Design, frames: int) -> list[list[int]]:
    load = design.load_packets()
    return [packet.tolist() for packet in ([load.start] if load.start.size else []) + [*load.frame] * frames]


def transfers(packets: list[list[int]], each: int) -> list[tuple[int, int]]:
    """Beats of transfers of so many packets each, the first one by itself."""
    beats: list[tuple[int, int]] = []
    for index, packet in enumerate(packets):
        end = index == 0 or index % each == 0 or index == len(packets) - 1
        beats += [(word, int(end and place == len(packet) - 1)) for place, word in enumerate(packet)]
    return beats


def frames(design: Design, count: int, seed: int) -> tuple[list[tuple[int, int]], list[int]]:
    """Beats of random frames, each with TLAST, and the data that must come back."""
    x = design.input.stream.random(np.random.default_rng(seed), count, WORDS)
    mask = (1 << design.output.stream.data_bits) - 1
    beats = [(int(value) & 255, int(place == WORDS - 1)) for frame in x[..., 0] for place, value in enumerate(frame)]
    return beats, [int(value) & mask for value in sums(design, x).reshape(-1)]


def read(bench: Bench, *names: str) -> list[int]:
    master = Master([(4 * registers.register(name).index,) for name in names])
    while master.left:
        bench.run([master], bench.cycle + 1)
    return master.answers


def run(bench: Bench, *agents: Agent, cycles: int) -> None:
    bench.run(agents, bench.cycle + cycles)


@pytest.mark.parametrize("each", [1, 3, 7])
@pytest.mark.parametrize("stalls", [(0.0, 0.0, 0.0), (0.3, 0.3, 0.3), (0.8, 0.0, 0.0), (0.0, 0.8, 0.2)])
def test_frames_with_weights_in_transfers_of_any_length(
    loaded: tuple[Design, Path], each: int, stalls: tuple[float, float, float]
) -> None:
    """Stalls of weights, frames and answers; the register counts packets, whatever transfers they come in."""
    design, library = loaded
    bench, sent = Bench(library, weights=True), packets(design, 12)
    beats, expected = frames(design, 12, seed=each)
    weights = Source(transfers(sent, each), stalls[0], 1, "w_axis")
    taken = Sink(stalls[2], 3)
    run(bench, weights, Source(beats, stalls[1], 2), taken, cycles=2_500)
    assert [data for data, _ in taken.beats] == expected and not weights.left
    assert read(bench, "LOADED", "ERRORS", "FRAMES_OUT") == [len(sent), 0, 12]


def test_nothing_comes_before_the_weights(loaded: tuple[Design, Path]) -> None:
    design, library = loaded
    bench, taken = Bench(library, weights=True), Sink(0.0, 1)
    beats, expected = frames(design, 2, seed=8)
    run(bench, Source(beats, 0.0, 2), taken, cycles=300)
    assert not taken.beats and read(bench, "LOADED") == [0]
    run(bench, Source(transfers(packets(design, 2), 1), 0.0, 3, "w_axis"), taken, cycles=300)
    assert len(taken.beats) < len(expected), "half of the frames is still with its source, which is gone"


def test_a_packet_that_is_cut_short_is_told_until_cleared_and_a_reset_begins_anew(loaded: tuple[Design, Path]) -> None:
    design, library = loaded
    bench, sent = Bench(library, weights=True), packets(design, 4)
    wrong = sent[0][:-1]
    run(bench, Source([(w, int(i == len(wrong) - 1)) for i, w in enumerate(wrong)], 0.2, 1, "w_axis"), cycles=100)
    assert read(bench, "LOADED", "ERRORS") == [1, 1 << 4]
    bench.may_vanish = True
    fields = {field.name: 1 << field.bit for field in registers.register("CONTROL").fields}
    master = Master([(4 * registers.register("CONTROL").index, fields["RESET"] | fields["CLEAR"])])
    while master.left:
        bench.run([master], bench.cycle + 1)
    run(bench, cycles=40)
    bench.may_vanish = False
    assert read(bench, "LOADED", "ERRORS") == [0, 0]
    beats, expected = frames(design, 4, seed=9)
    taken = Sink(0.1, 4)
    run(bench, Source(transfers(sent, 2), 0.1, 2, "w_axis"), Source(beats, 0.1, 3), taken, cycles=900)
    assert [data for data, _ in taken.beats] == expected and read(bench, "ERRORS") == [0]


@pytest.mark.parametrize(("kinds", "count"), [(("once",), 1), (("each", "each"), 31)])
def test_designs_with_one_kind(tmp_path: Path, kinds: tuple[str, ...], count: int) -> None:
    """Only a start packet, behind which nothing is to come; and none."""
    design = chain(kinds)
    bench = Bench(build(sources(design, tmp_path), weights=True), weights=True)
    beats, expected = frames(design, 10, seed=10)
    taken = Sink(0.2, 1)
    all_packets = [*packets(design, 10), [0] * len(packets(design, 1)[0])]
    run(bench, Source(transfers(all_packets, 1), 0.2, 2, "w_axis"), Source(beats, 0.2, 3), taken, cycles=1_500)
    assert [data for data, _ in taken.beats] == expected
    surplus = [1 << 4] if kinds == ("once",) else [0]
    assert read(bench, "ERRORS") == surplus and read(bench, "LOADED")[0] >= count


def test_tools_say_nothing(tmp_path: Path) -> None:
    files = sources(chain(("once", "each")), tmp_path)
    assert lint("accelerator_axi", files) == []
    names = [Path(shutil.copy(source, tmp_path)).name for source in files]
    script = f"read_verilog -sv {' '.join(names)}; hierarchy -top accelerator_axi -check; proc; check -assert"
    tool.run("yosys", (*yosys.TOOL.require().command, "-q", "-p", script), tmp_path, tmp_path / "log")


def test_without_weights_the_shell_has_nothing_of_them(tmp_path: Path) -> None:
    plain, loading = AxiShell(8, 8).emit(tmp_path / "plain"), AxiShell(8, 8, start_words=5).emit(tmp_path / "loading")
    for path in plain:
        text = path.read_text()
        assert "w_axis" not in text and "weights_cut" not in text and "`if" not in text and "`e" not in text
    assert {path.name for path in loading} - {path.name for path in plain} == {"axi_weights.sv"}
    assert not any("`ifdef" in path.read_text() for path in loading)
    assert "parameter START_WORDS  = 5," in loading[-1].read_text()


def test_a_serial_line_refuses_weights() -> None:
    design, link, board = chain(), shells()["uart"], boards.get("ulx3s")
    link.check_load(board, chain(()).load_packets())
    with pytest.raises(
        UserError, match=r"ulx3s is on a serial line, and this design loads 24 words .* a board with AXI"
    ):
        link.check_load(board, design.load_packets())
    shells()["axi"].check_load(boards.get("zcu104"), design.load_packets())
