"""The DMA's time limits and errors, on a model of its registers."""

from __future__ import annotations

import itertools

import pytest
from tests.fake_board import FakeBoard

from codesign_board.dma import AxiDma
from codesign_board.errors import TransferError, TransferTimeout
from codesign_board.patience import Patience


class Never:
    def hangs(self) -> bool:
        return False


class Soon:
    def __init__(self, looks: int) -> None:
        self.looks = looks

    def hangs(self) -> bool:
        self.looks -= 1
        return self.looks < 0


def dma(board: FakeBoard) -> AxiDma:
    ticks = itertools.count()
    return AxiDma(board.dma, seconds=50, now=lambda: float(next(ticks)))


def begun(board: FakeBoard) -> tuple[AxiDma, int]:
    """A DMA with one frame under way, and the bytes that are to come."""
    source, target = board.allocate(16), board.allocate(10)
    source.flush(16)
    found = dma(board)
    found.start(source.device_address, 16, target.device_address, 10)
    return found, 10


@pytest.mark.parametrize("polls", [1, 2, 17])
def test_a_transfer_ends_when_both_channels_are_idle(polls: int) -> None:
    board = FakeBoard(polls=polls)
    found, size = begun(board)
    found.wait(size, Never())
    assert board.events == ["start", "done"]


@pytest.mark.parametrize(("bit", "name"), [(4, "DMAIntErr"), (5, "DMASlvErr"), (6, "DMADecErr")])
def test_each_error_is_named(bit: int, name: str) -> None:
    found, size = begun(FakeBoard(error=1 << bit))
    with pytest.raises(TransferError, match=f"channel S2MM reports .*{name}") as caught:
        found.wait(size, Never())
    assert caught.value.state["S2MM_DMASR"] & 1 << bit
    assert f"S2MM_DMASR {1 << bit | 1:#x}" in str(caught.value)
    assert list(caught.value.state) == [
        *("MM2S_DMACR", "MM2S_DMASR", "MM2S_SA", "MM2S_SA_MSB", "MM2S_LENGTH"),
        *("S2MM_DMACR", "S2MM_DMASR", "S2MM_DA", "S2MM_DA_MSB", "S2MM_LENGTH"),
    ]
    assert (caught.value.state["MM2S_LENGTH"], caught.value.state["S2MM_DA"]) == (16, 0x1040)


def test_a_short_transfer_says_how_short() -> None:
    found, size = begun(FakeBoard(short=3))
    with pytest.raises(TransferError, match="7 of 10 bytes came back"):
        found.wait(size, Never())


def test_a_hang_ends_and_says_which_side() -> None:
    board = FakeBoard(hang=True)
    found, size = begun(board)
    with pytest.raises(TransferTimeout, match="does not take its input"):
        found.wait(size, Soon(5))
    board.dma.values[0x04] |= 2
    with pytest.raises(TransferTimeout, match="gives no output"):
        found.wait(size, Soon(5))


def test_what_is_done_at_the_last_moment_is_done() -> None:
    found, size = begun(FakeBoard(polls=2))
    found.wait(size, Soon(1))


def test_a_halted_channel_is_an_error() -> None:
    board = FakeBoard(hang=True)
    found, size = begun(board)
    board.dma.values[0x34] |= 1
    with pytest.raises(TransferError, match="S2MM was halted"):
        found.wait(size, Never())


def test_a_channel_that_stays_halted_ends_the_start() -> None:
    with pytest.raises(TransferTimeout, match=r"MM2S does not start and stays halted for 50 s"):
        begun(FakeBoard(halts=True))


def test_a_reset_that_does_not_end_is_an_error() -> None:
    board = FakeBoard(stuck=True)
    with pytest.raises(TransferTimeout, match="does not come out of its reset for 50 s"):
        dma(board).reset()


def test_a_reset_starts_the_channels_anew() -> None:
    board = FakeBoard(hang=True)
    found, size = begun(board)
    found.reset()
    assert found.state()["S2MM_DMASR"] == found.state()["MM2S_DMASR"] == 1
    board.hang = False
    source, target = board.allocate(16), board.allocate(10)
    source.flush(16)
    found.start(source.device_address, 16, target.device_address, 10)
    found.wait(size, Never())


class Scene:
    """A clock on the wall, the accelerator's clock and its frames, for Patience."""

    def __init__(self) -> None:
        self.now, self.cycle, self.frames = 0.0, 0, 0

    def patience(self, seconds: float, cycles: int) -> Patience:
        return Patience(seconds, cycles, lambda: (self.frames,), lambda: self.cycle % 2**32, lambda: self.now)

    def until_hang(self, patience: Patience, cycles_per_s: float, frame_s: float = 1e9, limit: float = 100.0) -> float:
        """Seconds until it says that it hangs, a frame going through every ``frame_s`` seconds."""
        while self.now < limit:
            self.now += 0.01
            self.cycle = int(self.now * cycles_per_s) + 2**32 - 1000
            self.frames = int(self.now / frame_s)
            if patience.hangs():
                return self.now
        return limit


@pytest.mark.parametrize(
    ("cycles_per_s", "frame_s", "expected"),
    [
        (1e8, 1e9, 1.0),  # a board
        (0, 1e9, 1.0),  # its clock is dead
        (1000, 1e9, 5.0),  # a simulated one, at 5000 cycles
        (1000, 3.0, 100.0),  # that is slow, and moves
        (1e8, 0.9, 100.0),  # a slow line that moves
    ],
)
def test_patience_counts_time_and_cycles_without_progress(cycles_per_s: float, frame_s: float, expected: float) -> None:
    scene = Scene()
    took = scene.until_hang(scene.patience(1.0, 5000), cycles_per_s, frame_s)
    assert expected <= took <= expected + 0.3
