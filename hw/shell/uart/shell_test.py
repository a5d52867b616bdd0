"""The whole top of the ULX3S on a simulated line, around an accelerator that doubles its lanes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from codesign_board.errors import TransferTimeout
from codesign_board.package import Port
from codesign_board.packing import pack, unpack
from codesign_board.serial.link import Link
from codesign_board.serial.protocol import (
    END,
    READ,
    RECEIVE,
    SEND,
    WRITE,
    Decoder,
    Packet,
    encode,
)

import boards
from codesign.errors import UserError
from hw.shell import registers
from hw.shell.uart.shell import UartShell, pll
from hw.shell.uart.simulated_board import BREAK, SILENCE, SimulatedBoard
from hw.shell.uart.simulation import compile_board
from hw.sim import lint

STAND_IN = Path(__file__).parent / "testdata" / "accelerator.sv"
LANES, WORDS = 4, 6
ERRORS = {field.name: 1 << field.bit for field in registers.register("ERRORS").fields}
CLEAR, RESET = (1 << field.bit for field in registers.register("CONTROL").fields)
SHELL = UartShell(LANES * 8, LANES * 9, boards.get("ulx3s"), build=0x89ABCDEF, clock_mhz=60)
WORD_IN = Port(LANES, 8, False, 1, LANES, 0, 255, (LANES,))
WORD_OUT = Port(LANES, 9, False, 1, LANES + 1, 0, 510, (LANES,))
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [STAND_IN, *SHELL.emit(tmp_path_factory.mktemp("shell"))]


@pytest.fixture
def board(sources: list[Path]) -> Iterator[SimulatedBoard]:
    board = compile_board(SHELL.top, sources, {**SHELL.parameters(), "EIGHTHS": 32})
    yield board
    board.close()


def ask(board: SimulatedBoard, *packets: Packet, cycles: int = 4000) -> list[Packet]:
    return Decoder().feed(board.run(b"".join(map(encode, packets)), cycles))


def register(board: SimulatedBoard, name: str) -> int:
    (answer,) = ask(board, Packet(READ, registers.register(name).index))
    return int.from_bytes(answer.payload, "little")


def frame(words: int = WORDS) -> np.ndarray:
    return RNG.integers(0, 256, (words, LANES))


def line(words: np.ndarray) -> bytes:
    data = np.zeros(len(words) * WORD_IN.frame_bytes, np.uint8)
    pack(words, WORD_IN, data)
    return data.tobytes()


def doubled(answer: bytes) -> np.ndarray:
    return unpack(np.frombuffer(answer, np.uint8), WORD_OUT, len(answer) // WORD_OUT.frame_bytes) // 2


def test_lint(sources: list[Path]) -> None:
    shell = [path for path in sources if path not in (STAND_IN, sources[-1])]
    parameters = {"S_BITS": 33, "M_BITS": 37}
    assert lint("uart_shell", shell, parameters) == []


def test_registers(board: SimulatedBoard) -> None:
    named = {"MAGIC": registers.MAGIC, "BUILD": 0x89ABCDEF, "VERSION": 1, "CLOCK_HZ": 60_000_000, "ERRORS": 0}
    assert {name: register(board, name) for name in named} == named
    before = board.cycles
    first, passed = register(board, "CYCLES"), board.cycles - before
    assert register(board, "CYCLES") - first == passed  # both are taken at the same point of their request
    board.press(True)
    board.run([], 20)
    assert board.leds & 2 == 0
    board.press(False)
    board.run([], 100)
    assert board.leds & 2 and register(board, "CYCLES") < 4000


def test_a_frame_by_hand(board: SimulatedBoard) -> None:
    words = frame()
    data = line(words)
    answers = ask(board, Packet(SEND, 0, data[:7]), Packet(SEND, 1 | END, data[7:]), cycles=8000)
    assert [(a.command, a.argument) for a in answers] == [(SEND, 1), (SEND, 2)]
    assert int.from_bytes(answers[-1].payload, "little") > 2000
    (answer,) = ask(board, Packet(RECEIVE, 0))
    assert (answer.command, answer.argument, answer.payload[-1]) == (RECEIVE, 0, 1)
    assert np.array_equal(doubled(answer.payload[:-1]), words)
    assert ask(board, Packet(RECEIVE, 0)) == [answer]  # the host has not seen it: the same again
    assert ask(board, Packet(RECEIVE, 1)) == [Packet(RECEIVE, 1, b"\x00")]  # nothing more
    assert (register(board, "FRAMES_IN"), register(board, "FRAMES_OUT"), register(board, "ERRORS")) == (1, 1, 0)


def test_an_answer_again_ends_where_it_ended(board: SimulatedBoard) -> None:
    ask(board, Packet(SEND, 0, bytes(8)))
    (short,) = ask(board, Packet(RECEIVE, 0))
    assert len(short.payload) == 2 * 5 + 1 and short.payload[-1] == 0
    ask(board, Packet(SEND, 1 | END, bytes(16)))
    assert ask(board, Packet(RECEIVE, 0)) == [short]
    (rest,) = ask(board, Packet(RECEIVE, 1))
    assert len(rest.payload) == 4 * 5 + 1 and rest.payload[-1] == 1


def test_damaged_packets_change_nothing(board: SimulatedBoard) -> None:
    words = frame()
    good = encode(Packet(SEND, END, line(words)))
    broken = bytearray(good)
    broken[5] ^= 4
    assert Decoder().feed(board.run(bytes(broken), 8000)) == []
    assert register(board, "ERRORS") == ERRORS["CRC"] and register(board, "FRAMES_IN") == 0
    assert board.leds & 4
    ask(board, Packet(WRITE, registers.register("CONTROL").index, bytes([CLEAR])))
    assert register(board, "ERRORS") == 0
    board.run(good[:-9], 8000)  # cut in the middle; the next packet's flag ends it
    board.run(good, 8000)
    assert np.array_equal(doubled(ask(board, Packet(RECEIVE, 0))[0].payload[:-1]), words)
    assert register(board, "ERRORS") == ERRORS["CRC"] and register(board, "FRAMES_OUT") == 1


def test_garbage_before_a_packet(board: SimulatedBoard) -> None:
    for _ in range(20):
        garbage = RNG.bytes(int(RNG.integers(1, 30)))
        answers = Decoder().feed(board.run(garbage + encode(Packet(READ, 0)), 6000))
        assert answers[-1] == Packet(READ, 0, registers.MAGIC.to_bytes(4, "little"))
    assert register(board, "ERRORS") & ERRORS["CRC"]


def test_a_pause_in_a_packet_and_a_byte_without_stop_bit(board: SimulatedBoard) -> None:
    request = encode(Packet(READ, 0))
    board.run([*request[:2], *[SILENCE] * 30], 3000)
    assert len(Decoder().feed(board.run(request[2:], 3000))) == 1
    assert register(board, "ERRORS") == 0
    assert Decoder().feed(board.run([*request[:2], BREAK, *[SILENCE] * 12, *request[2:]], 3000)) == []
    assert register(board, "ERRORS") == ERRORS["STOP"] | ERRORS["CRC"]


def test_packets_of_one_byte(board: SimulatedBoard) -> None:
    words = frame()
    data = line(words)
    for i, byte in enumerate(data):
        ask(board, Packet(SEND, i % 16 | (END if i == len(data) - 1 else 0), bytes([byte])), cycles=700)
    assert np.array_equal(doubled(ask(board, Packet(RECEIVE, 0))[0].payload[:-1]), words)


def test_a_packet_without_room_is_dropped_whole(board: SimulatedBoard) -> None:
    words, taken, full = frame(2000), 0, 0
    data = line(words)
    while not full and taken < 30:  # nobody asks for answers: both buffers fill up
        (answer,) = ask(board, Packet(SEND, taken % 16, data[250 * taken : 250 * taken + 250]), cycles=16000)
        full = answer.argument == taken % 16
        taken += not full
    assert register(board, "ERRORS") & ERRORS["DROPPED"] and 12 < taken < 30
    answers: list[bytes] = []
    while not answers or len(answers[-1]) > 1:
        answers += [a.payload for a in ask(board, Packet(RECEIVE, len(answers) % 16), cycles=16000)]
    back = b"".join(answer[:-1] for answer in answers)
    whole = 250 * taken // LANES
    assert np.array_equal(doubled(back), words[:whole])


def test_packets_out_of_turn_are_dropped(board: SimulatedBoard) -> None:
    words = frame()
    packet = Packet(SEND, END, line(words))
    assert [a.argument for a in ask(board, packet, packet, cycles=8000)] == [1, 1]  # a repetition, its answer lost
    assert register(board, "ERRORS") == ERRORS["DROPPED"] and register(board, "FRAMES_IN") == 1


def test_a_cut_frame_reaches_the_accelerator(board: SimulatedBoard) -> None:
    ask(board, Packet(SEND, END, line(frame(WORDS - 2))))
    assert register(board, "ERRORS") == ERRORS["FRAME"]
    ask(board, Packet(SEND, 1 | END, line(frame())))
    assert register(board, "FRAMES_OUT") == 2


def test_many_frames_both_ways_at_once(board: SimulatedBoard) -> None:
    link, frames = Link(board, 0.2, clock=board.seconds), [frame() for _ in range(60)]
    answers = link.exchange([line(words) for words in frames], len(frames))
    assert all(np.array_equal(doubled(answer), words) for answer, words in zip(answers, frames, strict=True))
    assert register(board, "ERRORS") == 0 and register(board, "FRAMES_OUT") == 60 and link.repeats == 0


def test_frames_of_many_packets(board: SimulatedBoard) -> None:
    link, long = Link(board, 0.05, clock=board.seconds), frame(700)  # 2,800 bytes: more than the buffer holds
    (answer,) = link.exchange([line(long)], 1)
    assert np.array_equal(doubled(answer), long)
    assert register(board, "ERRORS") == ERRORS["FRAME"]  # the stand-in's frames have six words


def test_full_buffers_hold_everything(board: SimulatedBoard) -> None:
    link, frames = Link(board, 0.05, clock=board.seconds), [frame() for _ in range(300)]
    with pytest.raises(TransferTimeout, match=r"Nothing moves any more.*0 of 0"):
        link.exchange([line(words) for words in frames], 0)  # nobody takes the answers
    assert register(board, "ERRORS") == 0 and register(board, "FRAMES_OUT") < 100
    answers = link.exchange([], len(frames))  # the rest goes out as soon as there is room
    assert all(np.array_equal(doubled(a), words) for a, words in zip(answers, frames, strict=True))


class Lossy:
    """A line that damages, loses and inserts bytes in both directions."""

    def __init__(self, board: SimulatedBoard, probability: float) -> None:
        self._board, self._probability = board, probability

    def _spoil(self, data: bytes) -> bytes:
        out = bytearray()
        for byte in data:
            choice = RNG.random() / self._probability
            if choice < 1:
                byte ^= 1 << int(RNG.integers(8))
            out += b"" if 1 < choice < 2 else bytes([byte, 0x55]) if 2 < choice < 3 else bytes([byte])
        return bytes(out)

    def write(self, data: bytes) -> None:
        self._board.write(self._spoil(data))

    def read(self) -> bytes:
        return self._spoil(self._board.read())

    def close(self) -> None:
        self._board.close()


def test_nothing_is_lost_on_a_bad_line(board: SimulatedBoard) -> None:
    link, frames = Link(Lossy(board, 0.002), 0.02, 50, board.seconds), [frame() for _ in range(60)]
    answers = link.exchange([line(words) for words in frames], len(frames))
    assert all(np.array_equal(doubled(answer), words) for answer, words in zip(answers, frames, strict=True))
    assert link.repeats > 5
    assert register(board, "ERRORS") & ERRORS["CRC"] and not register(board, "ERRORS") & ERRORS["FRAME"]


def test_reset_empties_the_streams(board: SimulatedBoard) -> None:
    ask(board, Packet(SEND, END, line(frame())), Packet(SEND, 1, bytes(6)), cycles=8000)
    assert ask(board, Packet(WRITE, registers.register("CONTROL").index, bytes([RESET]))) == [Packet(WRITE, 0)]
    assert ask(board, Packet(RECEIVE, 0)) == [Packet(RECEIVE, 0, b"\x00")]
    link, words = Link(board, 0.05, clock=board.seconds), frame()
    link._receiving.turn = 1
    assert np.array_equal(doubled(link.exchange([line(words)], 1)[0]), words)


@pytest.mark.parametrize("eighths", [157, 160, 163])
def test_baud_rates_two_percent_apart(sources: list[Path], eighths: int) -> None:
    board = compile_board(SHELL.top, sources, SHELL.parameters())
    board._library.board_free(board._board)
    board._board = type(board._board)(board._library.board_new(eighths))
    board.run([], 200)
    for byte in (b"\x00" * 20, b"\xff" * 20, b"\x55" * 20):
        (answer,) = ask(board, Packet(SEND, 0, byte), cycles=20000)
        assert answer.command == SEND
    board.close()


def test_pll() -> None:
    assert pll(25, 62.5).parameters == {"CLKI_DIV": 2, "CLKFB_DIV": 5, "CLKOP_DIV": 10}
    for wanted in (25, 40, 50, 60, 75, 100):
        made = pll(25, wanted)
        dividers = made.parameters
        assert made.mhz == pytest.approx(wanted, rel=0.01)
        assert made.mhz == pytest.approx(25 / dividers["CLKI_DIV"] * dividers["CLKFB_DIV"])
        assert 400 <= made.mhz * dividers["CLKOP_DIV"] <= 800
    with pytest.raises(UserError, match="the closest is"):
        pll(25, 3000)


def test_what_a_shell_refuses() -> None:
    with pytest.raises(UserError, match="baud must be at most 6250000"):
        UartShell(8, 8, boards.get("ulx3s"), clock_mhz=25, baud=12_000_000)
    with pytest.raises(UserError, match="no UART"):
        UartShell(8, 8, boards.get("zcu104"))
    assert UartShell(8, 8, boards.get("ulx3s"), clock_mhz=25).eighths == 67


def test_a_board_that_was_closed_says_so(board: SimulatedBoard) -> None:
    board.close()
    for use in (board.read, lambda: board.press(True), lambda: board.leds):
        with pytest.raises(RuntimeError, match="was closed"):
            use()
    board.close()
