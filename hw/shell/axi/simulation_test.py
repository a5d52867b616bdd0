"""The simulated accelerator behind registers and streams: transfers of any size, stalls, wide beats, memory files."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from hw.shell import registers
from hw.shell.axi.shell import AxiShell
from hw.shell.axi.simulated_board import SimulatedBoard, SimulationError
from hw.shell.axi.simulation import compile_board

STAND_IN = Path(__file__).with_name("stand_in") / "accelerator.sv"
WORDS = 4  # of the stand-in's frame
SHELL = AxiShell(s_data_bits=24, m_data_bits=10, s_words=WORDS, build=0x89ABCDEF, clock_hz=200_000_000)
WIDE = AxiShell(s_data_bits=128, m_data_bits=100, s_words=3, build=7)
CORE = """module accelerator (input wire clk, input wire rst_n, input wire [128:0] s_data, input wire s_valid,
  output wire s_ready, output logic [100:0] m_data, output logic m_valid, input wire m_ready, output wire frame_error);
  logic [99:0] mask [0:0]; initial $readmemh("mask.hex", mask);
  assign frame_error = 1'b0; assign s_ready = !m_valid || m_ready;
  always_ff @(posedge clk) begin
    if (s_ready) begin m_valid <= s_valid; m_data <= {s_data[128], s_data[127:28] ^ mask[0]}; end
    if (!rst_n) m_valid <= 1'b0;
  end
  wire unused = &{s_data}; endmodule
"""
MASK = 0x9_1234_5678_9ABC_DEF0_0FED_CBA9


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_board([STAND_IN, *SHELL.emit(tmp_path_factory.mktemp("shell"))])


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Library and memories' folder of an accelerator with beats of 128 bits."""
    folder = tmp_path_factory.mktemp("wide")
    (folder / "accelerator.sv").write_text(CORE)
    (folder / "mask.hex").write_text(f"{MASK:025x}\n")
    return compile_board([folder / "accelerator.sv", *WIDE.emit(folder / "shell")]), folder


def words(count: int, size: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, count * size).astype(np.uint8)


def sums(data: np.ndarray) -> bytes:
    return bytes(data.reshape(-1, 4)[:, :3].sum(1, dtype=np.uint16).tobytes())


def register(board: SimulatedBoard, name: str) -> int:
    return board.read(4 * registers.register(name).index)


@pytest.mark.parametrize("stall", [(0.0, 0.0), (0.6, 0.0), (0.0, 0.6), (0.4, 0.4)])
def test_random_transfers(library: Path, tmp_path: Path, stall: tuple[float, float]) -> None:
    """Of 1 to 50 frames, with registers read while they are under way."""
    board, rng, frames = SimulatedBoard(library, tmp_path, seed=3), np.random.default_rng(4), 0
    assert board.beat_bytes == (4, 2)
    board.stalls(*stall, seed=5)
    for _ in range(30):
        count = int(rng.integers(1, 51))
        data, room = words(count * WORDS, 4, int(rng.integers(1 << 30))), np.full(count * WORDS * 2, 0xEE, np.uint8)
        board.receive(room)
        board.send(data)
        board.run(int(rng.integers(1, 40)))
        assert register(board, "BUILD") == 0x89ABCDEF
        board.run(10_000)
        seen, frames = board.counters, frames + count
        assert room.tobytes() == sums(data)
        assert (seen.sent, seen.received, seen.ended) == (len(data), len(room), True)
        assert not seen.sending and not seen.receiving and not seen.broken
    assert (register(board, "FRAMES_IN"), register(board, "FRAMES_OUT"), register(board, "ERRORS")) == (
        frames,
        frames,
        0,
    )
    assert board.counters.sends == board.counters.receives == 30


def test_stalls_take_cycles_as_often_as_they_should(library: Path, tmp_path: Path) -> None:
    def cycles(stall: float) -> int:
        board = SimulatedBoard(library, tmp_path)
        board.stalls(0.0, stall, seed=1)
        board.run(50, idle=True)
        room = np.zeros(4000 * 2, np.uint8)
        board.receive(room)
        board.send(words(4000, 4, 1))
        return board.run(100_000)

    assert cycles(0.0) < 2 * 4000 + 20  # the stand-in takes a word every other cycle
    assert 4000 / 0.1 * 0.95 < cycles(0.9) < 4000 / 0.1 * 1.1


def test_room_that_is_too_short_and_answers_that_wait(library: Path, tmp_path: Path) -> None:
    board, data, room = SimulatedBoard(library, tmp_path), words(2 * WORDS, 4, 6), np.zeros(2 * WORDS * 2, np.uint8)
    board.send(data)
    board.receive(room[:6])
    board.run(1_000)
    assert (board.counters.received, board.counters.ended, board.counters.receiving) == (6, False, False)
    board.receive(room[6:])
    board.run(1_000)
    assert room.tobytes() == sums(data) and board.counters.ended and board.counters.received == 10


def test_reset_gives_up_what_is_under_way(library: Path, tmp_path: Path) -> None:
    board, data, room = SimulatedBoard(library, tmp_path), words(100 * WORDS, 4, 7), np.zeros(100 * WORDS * 2, np.uint8)
    board.receive(room)
    board.send(data)
    board.run(50)
    board.stop()
    board.write(4 * registers.register("CONTROL").index, 3)
    assert 0 < board.counters.received < len(room) and board.run(100) == 0
    board.receive(room)
    board.send(data)
    board.run(10_000)
    assert room.tobytes() == sums(data) and register(board, "FRAMES_OUT") == 100 and not board.counters.broken


def test_a_transfer_reads_and_writes_memory_as_it_goes(library: Path, tmp_path: Path) -> None:
    board, data, room = SimulatedBoard(library, tmp_path), words(100 * WORDS, 4, 8), np.zeros(100 * WORDS * 2, np.uint8)
    first = data.copy()
    board.receive(room)
    board.send(data)
    board.run(200)
    taken = board.counters.sent
    assert 0 < taken < len(data) and room[0:2].tobytes() == sums(first)[:2]
    data[:] = 0
    board.run(10_000)
    first[taken + 4 :] = 0  # one beat may be on offer already
    assert room.tobytes() == sums(first) or room.tobytes() == sums(np.where(np.arange(len(first)) < taken, first, 0))


def test_two_boards_do_not_disturb_each_other(library: Path, wide: tuple[Path, Path], tmp_path: Path) -> None:
    boards = [SimulatedBoard(library, tmp_path), SimulatedBoard(library, tmp_path), SimulatedBoard(*wide)]
    sizes = [(160 * WORDS, 4, 2), (160 * WORDS, 4, 2), (80 * 3, 16, 16)]
    data = [words(count, into, seed) for seed, (count, into, _) in enumerate(sizes)]
    rooms = [np.zeros(count * out, np.uint8) for count, _, out in sizes]
    for board, given, room in zip(boards, data, rooms, strict=True):
        board.stalls(0.3, 0.3, seed=9)
        board.receive(room)
        board.send(given)
    while any(board.run(17) for board in boards):
        pass
    assert [room.tobytes() for room in rooms] == [sums(data[0]), sums(data[1]), masked(data[2])]
    boards[0].close()
    assert register(boards[1], "FRAMES_OUT") == 160 and register(boards[2], "BUILD") == 7


def masked(data: np.ndarray) -> bytes:
    beats = [int.from_bytes(data[at : at + 16].tobytes(), "little") for at in range(0, len(data), 16)]
    return b"".join((beat >> 28 ^ MASK).to_bytes(16, "little") for beat in beats)


def test_beats_of_128_bits(wide: tuple[Path, Path]) -> None:
    board, data = SimulatedBoard(*wide), words(50 * 3, 16, 10)
    assert board.beat_bytes == (16, 16)
    room = np.zeros(len(data), np.uint8)
    board.stalls(0.3, 0.3, seed=11)
    board.receive(room)
    board.send(data)
    board.run(10_000)
    assert room.tobytes() == masked(data)


def test_memories_are_found_from_anywhere(
    wide: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    SimulatedBoard(wide[0], os.path.relpath(wide[1])).close()
    (tmp_path / "empty").mkdir()
    with pytest.raises(SimulationError, match=r"mask\.hex"):
        SimulatedBoard(wide[0], "empty")
    assert Path.cwd() == tmp_path


def test_a_beat_that_is_taken_back_is_noticed(tmp_path: Path) -> None:
    sources = [STAND_IN, *SHELL.emit(tmp_path)]
    slice_ = tmp_path / "axi_stream_register.sv"
    text = slice_.read_text()
    slice_.write_text(text.replace("m_valid    <= stalled || spare_full || take;", "m_valid    <= spare_full || take;"))
    assert slice_.read_text() != text
    board = SimulatedBoard(compile_board(sources), tmp_path)
    board.stalls(0.0, 0.5, seed=1)
    board.receive(np.zeros(400, np.uint8))
    board.send(words(200, 4, 1))
    board.run(2_000)
    assert board.counters.broken > 10


def test_only_bytes_are_taken(library: Path, tmp_path: Path) -> None:
    board = SimulatedBoard(library, tmp_path)
    with pytest.raises(TypeError, match="contiguous uint8, not int64"):
        board.send(np.zeros(4, np.int64))
    with pytest.raises(TypeError, match="contiguous"):
        board.receive(np.zeros(8, np.uint8)[::2])


def test_a_board_that_was_closed_says_so(wide: tuple[Path, Path]) -> None:
    board = SimulatedBoard(*wide)
    board.close()
    for use in (lambda: board.read(0), lambda: board.run(1), board.stop, lambda: board.counters):
        with pytest.raises(SimulationError, match="was closed"):
            use()
    board.close()
