"""The AXI shell: registers in any order of channels, streams under stalls, frames counted, and what tools say of it."""

import random
import shutil
from pathlib import Path

import pytest

from codesign.errors import UserError
from hw.design.design import BOUNDARY, Design, End
from hw.design.emit import emit
from hw.design.stream import Stream
from hw.kernels.frame_guard.kernel import FrameGuard
from hw.shell import registers
from hw.shell.axi.bench import Bench, Master, Sink, Source, build
from hw.shell.axi.shell import AxiShell, beat_bits
from hw.sim import lint
from hw.synth import tool, yosys

STAND_IN = Path(__file__).with_name("stand_in") / "accelerator.sv"
WORDS = 4  # of the stand-in's frame
SHELL = AxiShell(s_data_bits=24, m_data_bits=10, s_words=WORDS, build=0x89ABCDEF, clock_hz=200_000_000)


def address(name: str) -> int:
    return 4 * registers.register(name).index


def bit(name: str, field: str) -> int:
    return 1 << next(f.bit for f in registers.register(name).fields if f.name == field)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [STAND_IN, *SHELL.emit(tmp_path_factory.mktemp("shell"))]


@pytest.fixture(scope="module")
def library(sources: list[Path]) -> Path:
    return build(sources)


def frames(count: int, seed: int, cut: tuple[int, ...] = ()) -> list[tuple[int, int]]:
    """Beats of ``count`` frames, rubbish above the word's 24 bits; the frames ``cut`` lack their second half."""
    rng, beats = random.Random(seed), []
    for index in range(count):
        length = WORDS // 2 if index in cut else WORDS
        beats += [(rng.getrandbits(32), int(word == length - 1)) for word in range(length)]
    return beats


def answers(beats: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(sum((data >> shift) & 255 for shift in (0, 8, 16)), last) for data, last in beats]


def settle(bench: Bench, *masters: Master) -> None:
    limit = bench.cycle + 5_000
    while any(master.left for master in masters):
        bench.run(masters, bench.cycle + 1)
        assert bench.cycle < limit, "the bus hangs"


@pytest.mark.parametrize("order", ["address", "data", "any"])
@pytest.mark.parametrize("delay", [0.0, 0.7])
def test_registers_in_any_order(library: Path, order: str, delay: float) -> None:
    for seed in range(3):
        reads = [(address(name),) for name in ("MAGIC", "BUILD", "VERSION", "CLOCK_HZ", "ERRORS", "CONTROL")]
        nothing = [(4 * 9,), (0x8000,), (0xFFFC,)]
        work = [*reads, (address("CONTROL"), bit("CONTROL", "CLEAR")), *reads, (address("BUILD"), 0), *nothing, *reads]
        master = Master(work, delay, order, seed)
        settle(Bench(library), master)
        once = [registers.MAGIC, 0x89ABCDEF, registers.VERSION, 200_000_000, 0, 0]
        assert master.answers == once + once + [0, 0, 0] + once


def test_cycles_count_since_cleared(library: Path) -> None:
    bench = Bench(library)
    first, second = Master([(address("CYCLES"),)]), Master([(address("CYCLES"),)])
    settle(bench, Master([(address("CONTROL"), bit("CONTROL", "CLEAR"))]))
    settle(bench, first)
    before = bench.cycle
    bench.run([], before + 100)
    settle(bench, second)
    assert first.answers[0] < 10
    assert second.answers[0] - first.answers[0] == bench.cycle - before


@pytest.mark.parametrize(("source", "sink"), [(0.0, 0.0), (0.7, 0.0), (0.0, 0.7), (0.5, 0.5)])
def test_streams_keep_their_words(library: Path, source: float, sink: float) -> None:
    beats = frames(100, seed=1)
    sent, taken, bench = Source(beats, source, 2), Sink(sink, 3), Bench(library)
    polls = Master([(address("MAGIC"),)] * 300, 0.5, seed=4)
    bench.run([sent, taken, polls], 4_000)
    assert not sent.left and taken.beats == answers(beats)
    counts = Master([(address("FRAMES_IN"),), (address("FRAMES_OUT"),), (address("ERRORS"),)])
    settle(bench, counts)
    assert counts.answers == [100, 100, 0]
    assert set(polls.answers) == {registers.MAGIC}


@pytest.mark.parametrize(("source", "sink"), [(0.0, 0.0), (0.6, 0.1), (0.1, 0.6)])
def test_a_transfer_may_hold_many_frames(library: Path, source: float, sink: float) -> None:
    rng, beats = random.Random(20), []
    for _ in range(40):
        transfer = [data for data, _ in frames(rng.choice((1, 1, 2, 3, 10)), rng.getrandbits(30))]
        beats += [(data, int(index == len(transfer) - 1)) for index, data in enumerate(transfer)]
    taken, bench = Sink(sink, 21), Bench(library)
    bench.run([Source(beats, source, 22), taken], 40 + 8 * len(beats))
    assert taken.beats == answers(beats)
    counts = Master([(address("FRAMES_IN"),), (address("FRAMES_OUT"),), (address("ERRORS"),)])
    settle(bench, counts)
    assert counts.answers == [len(beats) // WORDS, len(beats) // WORDS, 0]


def test_a_transfer_that_ends_in_a_frame_is_flagged(library: Path) -> None:
    beats = [(7, 0)] * (2 * WORDS) + [(8, 0), (9, 1)] + frames(3, 23)
    taken, bench = Sink(0.2, 24), Bench(library)
    bench.run([Source(beats, 0.2, 25), taken], 400)
    assert taken.beats == answers(beats)
    counts = Master([(address("FRAMES_IN"),), (address("ERRORS"),)])
    settle(bench, counts)
    assert counts.answers == [6, bit("ERRORS", "FRAME")]


@pytest.mark.parametrize("s_words", [WORDS, 0])
@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_answers_that_come_before_the_frame_ends(tmp_path: Path, s_words: int, stall: float) -> None:
    """The accelerator here answers with a frame's first word alone, long before it has taken the rest."""
    core = tmp_path / "accelerator.sv"
    core.write_text(
        "module accelerator (input wire clk, input wire rst_n, input wire [32:0] s_data, input wire s_valid,"
        " output wire s_ready, output logic [16:0] m_data, output logic m_valid, input wire m_ready,"
        " output wire frame_error); logic first; assign s_ready = !m_valid; assign frame_error = 1'b0;"
        " always_ff @(posedge clk) begin if (s_valid && s_ready) first <= s_data[32];"
        " if (m_ready) m_valid <= 1'b0; if (s_valid && s_ready && first) begin m_valid <= 1'b1;"
        " m_data <= {1'b1, s_data[15:0]}; end if (!rst_n) begin first <= 1'b1; m_valid <= 1'b0; end end\n"
        " wire unused = &{s_data}; endmodule\n"
    )
    bench = Bench(build([core, *AxiShell(32, 16, s_words).emit(tmp_path / "shell")]))
    beats, taken = frames(60, seed=26), Sink(stall, 27)
    if s_words:  # transfers of three frames
        beats = [(data, int(index % (3 * WORDS) == 3 * WORDS - 1)) for index, (data, _) in enumerate(beats)]
    bench.run([Source(beats, 0.3, 28), taken], 2_000)
    ends = [beats[index + WORDS - 1][1] for index in range(0, len(beats), WORDS)]
    assert taken.beats == [(data & 0xFFFF, end) for (data, _), end in zip(beats[::WORDS], ends, strict=True)]


def test_a_design_with_its_guard(tmp_path: Path) -> None:
    """What a cut frame and one that is too long become behind the guard that every design has at its input."""
    edges = {End("guard"): End(BOUNDARY), End(BOUNDARY): End("guard")}
    design = Design("guarded", {"guard": FrameGuard(Stream(2, 8), WORDS)}, edges)
    sources = [*emit(design, tmp_path / "rtl"), *AxiShell(16, 16).emit(tmp_path / "shell")]
    whole, cut, long = [(1, 0), (2, 0), (3, 0), (4, 1)], [(5, 0), (6, 1)], [(7, 0), (8, 0), (9, 0), (10, 0), (11, 1)]
    bench, taken = Bench(build(sources)), Sink(0.3, 32)
    bench.run([Source(whole + cut + whole + long + whole, 0.3, 33), taken], 300)
    out = [taken.beats[index : index + WORDS] for index in range(0, len(taken.beats), WORDS)]
    assert out[0] == out[2] == out[4] == whole and len(out) == 5
    assert [data for data, _ in out[1][:2]] == [5, 6] and [data for data, _ in out[3]] == [7, 8, 9, 10]
    assert all([last for _, last in frame] == [0, 0, 0, 1] for frame in out)
    errors = Master([(address("ERRORS"),)])
    settle(bench, errors)
    assert errors.answers == [bit("ERRORS", "FRAME")]


def test_more_transfers_than_ends_are_kept(tmp_path: Path) -> None:
    """The accelerator here holds 32 words, so that the ends of more than four transfers would be inside."""
    core = tmp_path / "accelerator.sv"
    core.write_text(
        "module accelerator (input wire clk, input wire rst_n, input wire [32:0] s_data, input wire s_valid,"
        " output wire s_ready, output wire [16:0] m_data, output wire m_valid, input wire m_ready,"
        " output wire frame_error); logic [16:0] mem [0:31]; logic [5:0] in, out; assign frame_error = 1'b0;"
        " assign s_ready = in != (out ^ 6'h20); assign m_valid = in != out; assign m_data = mem[out[4:0]];"
        " always_ff @(posedge clk) begin if (s_valid && s_ready) begin mem[in[4:0]] <= {s_data[32], s_data[15:0]};"
        " in <= in + 1'b1; end if (m_valid && m_ready) out <= out + 1'b1;"
        " if (!rst_n) begin in <= '0; out <= '0; end end\n wire unused = &{s_data}; endmodule\n"
    )
    bench = Bench(build([core, *AxiShell(32, 16, 1).emit(tmp_path / "shell")]))
    beats, closed, taken = [(index, int(index % 3 != 1)) for index in range(60)], Sink(1.0, 29), Sink(0.0, 30)
    source = Source(beats, 0.0, 31)
    bench.run([source, closed], 200)
    assert 60 - len(source.left) < 12, "the input waits, though the accelerator would take more"
    bench.run([source, taken], 600)
    assert taken.beats == beats


def test_yosys_reads_it(sources: list[Path], tmp_path: Path) -> None:
    names = [Path(shutil.copy(source, tmp_path)).name for source in sources]
    script = f"read_verilog -sv {' '.join(names)}; hierarchy -top accelerator_axi -check; proc; check -assert"
    tool.run("yosys", (*yosys.TOOL.require().command, "-q", "-p", script), tmp_path, tmp_path / "log")


def test_a_cut_frame_is_flagged_until_cleared(library: Path) -> None:
    bench, beats = Bench(library), frames(6, seed=5, cut=(3,))
    bench.run([Source(beats, 0.3, 6), Sink(0.3, 7)], 500)
    asked = [(address(name),) for name in ("FRAMES_IN", "FRAMES_OUT", "ERRORS")]
    no_strobe = (address("CONTROL"), bit("CONTROL", "CLEAR"), 0b1110)
    before, after = Master([*asked, no_strobe, *asked]), Master([(address("CONTROL"), bit("CONTROL", "CLEAR")), *asked])
    settle(bench, before)
    settle(bench, after)
    assert before.answers == [6, 6, bit("ERRORS", "FRAME")] * 2
    assert after.answers == [0, 0, 0]


def test_reset_empties_the_streams_and_leaves_the_registers(library: Path) -> None:
    bench, half = Bench(library), frames(1, seed=8)[:2]
    bench.run([Source(half, 0.0, 9)], 100)  # nobody takes: words wait inside
    bench.may_vanish = True
    settle(bench, Master([(address("CONTROL"), bit("CONTROL", "RESET"))]))
    bench.run([], bench.cycle + 40)
    bench.may_vanish = False
    beats = frames(5, seed=10)
    taken = Sink(0.2, 12)
    bench.run([Source(beats, 0.2, 11), taken], bench.cycle + 400)
    assert taken.beats == answers(beats), "words from before the reset are gone, and none after it is lost"
    counts = Master([(address("FRAMES_IN"),), (address("ERRORS"),)])
    settle(bench, counts)
    assert counts.answers == [5, 0]


def test_words_may_follow_each_other_every_cycle(tmp_path: Path) -> None:
    """The shell itself takes a word a cycle; the accelerator here hands each on at once."""
    core = tmp_path / "accelerator.sv"
    core.write_text(
        "module accelerator (input wire clk, input wire rst_n, input wire [32:0] s_data, input wire s_valid,"
        " output wire s_ready, output wire [16:0] m_data, output wire m_valid, input wire m_ready,"
        " output wire frame_error); assign {m_data, m_valid, s_ready, frame_error}"
        " = {s_data[32], s_data[15:0], s_valid, m_ready, 1'b0}; wire unused = &{clk, rst_n, s_data}; endmodule\n"
    )
    beats, taken = frames(50, seed=13), Sink(0.0, 14)
    bench = Bench(build([core, *AxiShell(32, 16).emit(tmp_path / "shell")]))
    bench.run([], 40)
    bench.run([Source(beats, 0.0, 15), taken], 40 + 2 + len(beats))
    assert taken.beats == [(data & 0xFFFF, last) for data, last in beats]


def test_lint_says_nothing(sources: list[Path]) -> None:
    assert lint("accelerator_axi", sources) == []


@pytest.mark.parametrize(("data", "beat"), [(1, 8), (8, 8), (9, 16), (24, 32), (33, 64), (65, 128), (128, 128)])
def test_beats(data: int, beat: int) -> None:
    assert beat_bits(data) == beat


def test_a_word_too_wide_is_refused() -> None:
    with pytest.raises(UserError, match="at most 128 bits, not 129"):
        AxiShell(8, 129).parameters()


def test_emitted_shell_holds_its_parameters(sources: list[Path]) -> None:
    text = sources[-1].read_text()
    for line in ("S_DATA_BITS  = 24,", "M_DATA_BITS  = 10,", "S_TDATA_BITS = 32,", "M_TDATA_BITS = 16,",
        "S_WORDS      = 4,",
                 "BUILD        = 32'h89abcdef,", "CLOCK_HZ     = 200000000"):  # fmt: skip
        assert f"    parameter {line}\n" in text
    assert not any("`include" in source.read_text() for source in sources)
