"""The DMA's model, register by register, against what AMD PG021 says of simple mode; a stand-in is the accelerator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hw.shell.axi.shell import AxiShell
from hw.shell.axi.simulated_board import SimulatedBoard, SimulationError
from hw.shell.axi.simulation_test import CORE, MASK
from sw.simboard.dma import AxiDma
from sw.simboard.faults import Hang
from sw.simboard.memory import BASE, POISON, Memory
from sw.simboard.testing import WORDS, answers, stand_in_board

MM2S, S2MM = 0x00, 0x30
CR, SR, ADDRESS, HIGH, LENGTH = 0x00, 0x04, 0x18, 0x1C, 0x28
RUN, RESET = 0x1, 0x4
HALTED, IDLE, INTERNAL, DECODE, COMPLETE, FAILED = 0x1, 0x2, 0x10, 0x40, 0x1000, 0x4000
SIZE = 1 << 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stand_in_board(tmp_path_factory.mktemp("simboard"))


class Rig:
    """A DMA between memory and a stand-in."""

    def __init__(self, folder: Path, *, step: int = 500, stall: float = 0.0, **options: object) -> None:
        self.board = SimulatedBoard(folder / "board.so", folder / "memories")
        self.board.stalls(stall, stall, seed=1)
        self.memory = Memory(SIZE)
        self.dma = AxiDma(self.board, self.memory, step=step, **options)  # type: ignore[arg-type]

    def begin(self, channel: int, address: int, size: int) -> None:
        for offset, value in ((CR, RUN), (ADDRESS, address), (LENGTH, size)):
            self.dma.write(channel + offset, value)

    def both(self, source: int, target: int, frames: int) -> None:
        """Begin transfers of whole frames from and to these offsets in memory."""
        self.begin(S2MM, BASE + target, frames * WORDS * 2)
        self.begin(MM2S, BASE + source, frames * WORDS * 4)

    def wait(self, channel: int, bits: int = IDLE) -> int:
        for _ in range(2_000):
            status = self.dma.read(channel + SR)
            if status & bits:
                return status
        raise AssertionError("nothing happens")

    def fill(self, offset: int, frames: int, seed: int) -> np.ndarray:
        """Write random frames to memory; return the stand-in's answers."""
        data = np.random.default_rng(seed).integers(0, 256, frames * WORDS * 4).astype(np.uint8)
        self.memory.memory[offset : offset + len(data)] = data
        return answers(data)

    def got(self, offset: int, frames: int) -> np.ndarray:
        return self.memory.memory[offset : offset + frames * WORDS * 2].view("<u2")


@pytest.fixture
def rig(folder: Path) -> Iterator[Rig]:
    made = Rig(folder)
    yield made
    made.board.close()


@pytest.mark.parametrize("channel", [MM2S, S2MM])
def test_after_reset_it_is_halted_and_a_length_starts_nothing(rig: Rig, channel: int) -> None:
    assert rig.dma.read(channel + CR) & (RUN | RESET) == 0 and rig.dma.read(channel + SR) == HALTED
    rig.dma.write(channel + ADDRESS, BASE)
    rig.dma.write(channel + LENGTH, 16)
    assert rig.dma.read(channel + SR) == HALTED and rig.board.counters.sent == 0
    rig.dma.write(channel + CR, RUN)
    assert rig.dma.read(channel + SR) == 0, "running, and not idle before the first transfer"
    rig.dma.write(channel + LENGTH, 0)
    assert rig.dma.read(channel + SR) == 0, "a length of 0 starts nothing"
    rig.dma.write(channel + CR, 0)
    assert rig.dma.read(channel + SR) == HALTED


def test_one_transfer_bit_by_bit(rig: Rig) -> None:
    expected = rig.fill(0, 3, seed=1)
    rig.begin(S2MM, BASE + 4096, 8192)
    assert rig.dma.read(S2MM + SR) == 0, "nothing came yet"
    rig.begin(MM2S, BASE, 3 * WORDS * 4)
    assert rig.wait(MM2S) == IDLE | COMPLETE
    assert rig.wait(S2MM) == IDLE | COMPLETE
    assert rig.dma.read(S2MM + LENGTH) == 3 * WORDS * 2, "the bytes that came, not those there was room for"
    assert rig.dma.read(MM2S + LENGTH) == 3 * WORDS * 4
    assert np.array_equal(rig.got(4096, 3), expected)
    assert set(rig.memory.memory[4096 + 24 : 8192]) == {0}, "and nothing beyond"
    rig.dma.write(S2MM + SR, 0x2000)
    assert rig.dma.read(S2MM + SR) == IDLE | COMPLETE
    rig.dma.write(S2MM + SR, COMPLETE | IDLE)
    assert rig.dma.read(S2MM + SR) == IDLE, "written as 1, the interrupt goes, and nothing else"


@pytest.mark.parametrize("stall", [0.0, 0.5])
@pytest.mark.parametrize("step", [7, 100_000])
def test_random_transfers(folder: Path, stall: float, step: int) -> None:
    rig, rng = Rig(folder, stall=stall, step=step), np.random.default_rng(2)
    for seed in range(15):
        frames, source, target = int(rng.integers(1, 40)), *(4 * int(k) for k in rng.integers(0, 1000, 2))
        rig.memory.memory[:] = POISON
        expected = rig.fill(source, frames, seed)
        rig.both(source, target + 8192, frames)
        assert rig.wait(S2MM) & COMPLETE and rig.wait(MM2S) & COMPLETE
        assert np.array_equal(rig.got(target + 8192, frames), expected)
        assert rig.dma.read(S2MM + LENGTH) == frames * WORDS * 2


def test_wide_beats(tmp_path: Path) -> None:
    (tmp_path / "core.sv").write_text(CORE)
    shell = AxiShell(s_data_bits=128, m_data_bits=100, s_words=3, build=7)
    folder = stand_in_board(tmp_path / "board", shell, tmp_path / "core.sv")
    (folder / "memories/mask.hex").write_text(f"{MASK:x}\n")
    rig, data = Rig(folder, stall=0.3), np.random.default_rng(3).integers(0, 256, 60 * 3 * 16).astype(np.uint8)
    rig.memory.memory[: len(data)] = data
    rig.begin(S2MM, BASE + 8192, len(data))
    rig.begin(MM2S, BASE, len(data))
    rig.wait(S2MM)
    beats = [int.from_bytes(data[at : at + 16].tobytes(), "little") >> 28 ^ MASK for at in range(0, len(data), 16)]
    assert rig.memory.memory[8192 : 8192 + len(data)].tobytes() == b"".join(v.to_bytes(16, "little") for v in beats)
    for offset in (4, 8):
        rig.begin(MM2S, BASE + offset, 48)
        assert rig.dma.read(MM2S + SR) & INTERNAL, "beats of 16 bytes begin at a multiple of 16"
        rig.dma.write(MM2S + CR, RESET)


@pytest.mark.parametrize(
    ("channel", "address", "size", "error"),
    [
        (MM2S, BASE - 4, 16, DECODE), (S2MM, BASE + SIZE - 8, 16, DECODE), (MM2S, 0, 16, DECODE),
        (MM2S, BASE + 2, 16, INTERNAL), (S2MM, BASE + 2, 16, INTERNAL), (S2MM, BASE, 2 * WORDS - 2, INTERNAL),
    ],
)  # fmt: skip
def test_errors_halt_the_channel_until_reset(rig: Rig, channel: int, address: int, size: int, error: int) -> None:
    """No memory there, not aligned, more data than there is room for."""
    expected = rig.fill(4096, 2, seed=4)
    if channel == S2MM:
        rig.begin(MM2S, BASE + 4096, WORDS * 4)
    rig.begin(channel, address, size)
    status = rig.wait(channel, FAILED)
    assert status & (INTERNAL | DECODE | 0x20) == error and status & HALTED and not status & IDLE
    assert not rig.dma.read(channel + CR) & RUN
    rig.begin(channel, BASE, 16)
    assert rig.dma.read(channel + SR) & error, "running it again does not help"
    rig.dma.write(MM2S + CR, RESET)
    assert [rig.dma.read(each + SR) for each in (MM2S, S2MM)] == [HALTED, HALTED]
    rig.board.write(32, 2)  # CONTROL.RESET: what the accelerator has of the transfer before
    rig.both(4096, 0, 2)
    assert rig.wait(S2MM) == IDLE | COMPLETE and np.array_equal(rig.got(0, 2), expected)


def test_the_upper_half_of_an_address_counts(rig: Rig) -> None:
    rig.dma.write(MM2S + HIGH, 1)
    rig.begin(MM2S, BASE, 16)
    assert rig.dma.read(MM2S + SR) & DECODE and rig.dma.read(MM2S + HIGH) == 1


def test_a_length_has_26_bits(rig: Rig) -> None:
    rig.begin(MM2S, BASE, (1 << 26) + 16)
    assert rig.dma.read(MM2S + LENGTH) == 16 and rig.wait(MM2S) & COMPLETE


def test_a_busy_channel_takes_no_second_transfer_and_stops_when_done(rig: Rig) -> None:
    expected = rig.fill(0, 1, seed=5)
    rig.begin(S2MM, BASE + 4096, WORDS * 2)
    rig.begin(S2MM, BASE + 8192, WORDS * 2)
    rig.dma.write(S2MM + CR, 0)
    assert rig.dma.read(S2MM + SR) & HALTED == 0, "stopping waits for the transfer"
    rig.begin(MM2S, BASE, WORDS * 4)
    assert rig.wait(S2MM, HALTED) & COMPLETE
    assert np.array_equal(rig.got(4096, 1), expected) and not rig.memory.memory[8192:8200].any()


@pytest.mark.parametrize("channel", [MM2S, S2MM])
def test_either_reset_ends_both_transfers(rig: Rig, channel: int) -> None:
    expected = rig.fill(0, 50, seed=6)
    rig.dma._step = 40
    rig.both(0, 8192, 50)
    assert not rig.dma.read(S2MM + SR) & IDLE
    moved = rig.board.counters
    assert 0 < moved.sent < 50 * WORDS * 4
    rig.dma.write(channel + CR, RESET)
    assert not rig.dma.read(channel + CR) & RESET, "the reset is over"
    assert not rig.board.counters.sending and not rig.board.counters.receiving
    rig.board.write(32, 2)
    rig.both(0, 8192, 50)
    assert rig.wait(S2MM) == IDLE | COMPLETE and np.array_equal(rig.got(8192, 50), expected)


def test_waiting_for_ever_is_an_error(folder: Path) -> None:
    rig = Rig(folder, faults=[Hang()], patience=0.05)
    rig.both(0, 8192, 1)
    with pytest.raises(SimulationError, match=r"waits for the accelerator for 0\.05 s"):
        rig.wait(S2MM)


def test_offsets_without_a_register_read_zero(rig: Rig) -> None:
    assert [rig.dma.read(offset) for offset in (0x08, 0x10, 0x2C, 0x40, 0x5C)] == [0] * 5
