"""Buffers, checks of registers and resets of a place with an AXI DMA, on a board in Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.fake_board import BUILD, HIGH, LOW, FakeBoard, network, write_package

from codesign_board.errors import MemoryShortage, PlaceError, TransferError, TransferTimeout
from codesign_board.package import Package
from codesign_board.packing import pack, unpack
from codesign_board.places.axi import AxiPlace

RNG = np.random.default_rng(2)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return Package.load(write_package(tmp_path_factory.mktemp("package")))


def place(package: Package, board: FakeBoard, patience_s: float = 0.05) -> AxiPlace:
    return AxiPlace(package, board, "fake", "a fake board", patience_s)


def through(where: AxiPlace, slot: int, frames: int) -> None:
    """Send random frames through a slot and hold what comes against the network."""
    q = RNG.integers(LOW, HIGH + 1, (frames, *where.package.input.shape))
    pack(q, where.package.input, where.input(slot, frames))
    where.start(slot, frames)
    assert np.array_equal(unpack(where.finish(slot), where.package.output, frames), network(q))


def test_frames_go_through_both_slots_again_and_again(package: Package) -> None:
    board = FakeBoard()
    where = place(package, board)
    assert where.reserve(9) == 9
    for turn in range(12):
        through(where, turn % 2, 1 + turn * 7 % 9)
    assert where.read("FRAMES_IN") == where.read("FRAMES_OUT") == sum(1 + turn * 7 % 9 for turn in range(12))
    assert board.downloads == 1


def test_a_slot_can_be_filled_while_the_other_is_under_way(package: Package) -> None:
    where = place(package, FakeBoard())
    where.reserve(4)
    batches = [RNG.integers(LOW, HIGH + 1, (4, *package.input.shape)) for _ in range(5)]
    pack(batches[0], package.input, where.input(0, 4))
    where.start(0, 4)
    for turn, q in enumerate(batches):
        if turn + 1 < len(batches):
            pack(batches[turn + 1], package.input, where.input(1 - turn % 2, 4))
        packed = where.finish(turn % 2)
        if turn + 1 < len(batches):
            where.start(1 - turn % 2, 4)
        assert np.array_equal(unpack(packed, package.output, 4), network(q))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"magic": 0}, "a fake board holds no accelerator of ours: register MAGIC is 0x00000000"),
        ({"magic": 0xFFFFFFFF}, "MAGIC is 0xffffffff, and the package's is 0x434f4453"),
        ({"version": 2}, "another register map: register VERSION is 0x00000002, and the package's is 0x00000001"),
        ({"build": BUILD + 1}, "of another build: register BUILD is 0xf8a432ec, and the package's is 0xf8a432eb"),
    ],
)
def test_what_is_not_the_packages_is_refused(package: Package, changed: dict[str, Any], told: str) -> None:
    board = FakeBoard(**changed)
    with pytest.raises(PlaceError, match=told):
        place(package, board)
    assert board.closes == 1
    assert not any("reset" in event or "control" in event for event in board.events), "it was written to"


def test_a_dma_that_does_not_answer_is_named(package: Package) -> None:
    board = FakeBoard(stuck=True)
    with pytest.raises(PlaceError, match=r"No DMA answers on a fake board: .*S2MM_DMACR 0x10006"):
        place(package, board)
    assert board.closes == 1


def test_buffers_are_halved_until_there_is_room(package: Package) -> None:
    frame = 2 * (package.input.frame_bytes + package.output.frame_bytes)
    board = FakeBoard(room=frame * 12 + 300)
    where = place(package, board)
    assert where.reserve(40) == 10
    assert len(board.buffers) == 4
    assert where.reserve(40) == 10 and where.reserve(3) == 3
    through(where, 0, 10)
    through(where, 1, 10)


def test_no_room_for_a_frame_is_an_error_and_leaves_nothing(package: Package) -> None:
    board = FakeBoard(room=60)
    where = place(package, board)
    with pytest.raises(MemoryShortage, match="has no 52 bytes of contiguous memory for the buffers of one frame"):
        where.reserve(8)
    assert board.buffers == []
    board.memory = np.zeros(board.base + 1000, np.uint8)
    assert where.reserve(8) == 1
    through(where, 1, 1)


def test_a_transfer_has_no_more_bytes_than_the_dma_counts(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codesign_board.places.axi.LONGEST", 100)
    assert place(package, FakeBoard()).reserve(50) == 6
    monkeypatch.setattr("codesign_board.places.axi.LONGEST", 15)
    with pytest.raises(PlaceError, match="One frame of sums is longer than the DMA's 15 bytes"):
        place(package, FakeBoard())


@pytest.mark.parametrize(("base", "told"), [(0x1001, "at 0x1001.* a multiple of 2"), (0x1000, "below 0x1040")])
def test_a_buffer_that_the_dma_cannot_reach_is_refused(
    package: Package, base: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if base == 0x1000:
        monkeypatch.setattr("codesign_board.places.axi.REACH", 0x1040)
    board = FakeBoard(base=base)
    with pytest.raises(PlaceError, match=told):
        place(package, board).reserve(8)
    assert board.buffers == []


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"error": 1 << 6}, "DMADecErr"),
        ({"short": 4}, "36 of 40 bytes came back"),
        ({"hang": True}, r"nothing has moved for too long \(0\.05 s and 500 cycles of its clock\)"),
        ({"halts": True}, "stays halted"),
    ],
)
def test_every_fault_ends_with_the_state_and_the_next_frames_pass_after_reset(
    package: Package, fault: dict[str, Any], told: str
) -> None:
    board = FakeBoard()
    where = place(package, board)
    where.reserve(4)
    if not board.halts:
        through(where, 0, 4)
    where.reset()
    vars(board).update(fault, frame_error=True)
    where.input(1, 4)[:] = 0
    with pytest.raises(
        TransferError, match=rf"{told}.*ERRORS\.FRAME: a frame was cut short or too long\..* State: "
    ) as e:
        where.start(1, 4)
        where.finish(1)
    assert {"MM2S_DMASR", "S2MM_LENGTH", "FRAMES_IN", "FRAMES_OUT", "CYCLES", "ERRORS"} <= set(e.value.state)
    assert e.value.state["ERRORS"] == 1
    assert isinstance(e.value, TransferTimeout) == ("hang" in fault or "halts" in fault)
    vars(board).update(error=0, short=0, hang=False, halts=False)
    board.events.clear()
    where.reset()
    assert board.events == ["dma reset", "dma reset", "control 3"], "the DMA comes first"
    through(where, 1, 4)
    through(where, 0, 3)


def test_a_slow_accelerator_that_moves_is_waited_for(package: Package) -> None:
    board = FakeBoard(hang=True, trickle=30)
    where = place(package, board, patience_s=0.02)
    where.reserve(1)
    where.input(0, 1)[:] = 0
    where.start(0, 1)
    with pytest.raises(TransferTimeout):
        where.finish(0)
    assert board.trickle == 0


def test_a_slow_clock_is_waited_for_and_a_dead_one_is_not(package: Package) -> None:
    board = FakeBoard(hang=True, cycles_per_read=10)
    where = place(package, board, patience_s=0.01)
    where.reserve(1)
    where.start(0, 1)
    before = board.accelerator.cycles
    with pytest.raises(TransferTimeout):
        where.finish(0)
    assert board.accelerator.cycles - before >= 10 * (20 + 30), "ten times what a frame takes"
    where.reset()
    board.dead_clock = True
    where.start(0, 1)
    with pytest.raises(TransferTimeout):
        where.finish(0)


def test_memory_goes_back_only_after_the_dma_was_stopped(package: Package) -> None:
    board = FakeBoard(hang=True)
    where = place(package, board)
    where.reserve(2)
    where.start(0, 2)
    board.events.clear()
    where.close()
    assert board.events == ["dma reset", "dma reset"] and board.buffers == [] and board.closes == 1


def test_closing_a_dead_board_does_no_harm(package: Package) -> None:
    board = FakeBoard()
    where = place(package, board)
    where._dma._seconds = 0.01
    board.stuck = True
    where.close()
    assert board.closes == 1


def test_the_boards_figures_come_through(package: Package, tmp_path: Path) -> None:
    where = place(package, FakeBoard(clock=187.5, rails={"12V": 4.0}))
    assert where.clock_mhz() == 187.5 and where.watts() == {"12V": 4.0}
    assert where.state()["MM2S_DMASR"] == 1


def test_nothing_is_asked_of_another_overlay(package: Package) -> None:
    board = FakeBoard()
    where = place(package, board)
    where.reserve(2)
    board.events.clear()
    board.others = True
    for use in (lambda: where.reserve(2), where.reset):
        with pytest.raises(PlaceError, match="Another overlay was loaded on a fake board since sums: load it again"):
            use()
    where.close()
    assert board.events == [] and board.buffers == [] and board.closes == 1


def test_a_reset_proves_what_is_there(package: Package) -> None:
    board = FakeBoard()
    where = place(package, board)
    board.build += 1
    with pytest.raises(PlaceError, match="another build: register BUILD"):
        where.reset()


def test_a_dma_that_does_not_come_out_of_its_reset_is_configured_anew(package: Package) -> None:
    board = FakeBoard()
    where = place(package, board)
    where.reserve(4)
    board.stuck = True
    assert board.downloads == 1
    where.reset()
    assert board.downloads == 2 and board.held_at_download == 0, "PYNQ refuses to load while there are buffers"
    where.reserve(4)
    through(where, 0, 4)


def test_a_reset_forgets_that_memory_was_short(package: Package) -> None:
    board = FakeBoard()
    where = place(package, board)
    board.memory = np.zeros(board.base + 500, np.uint8)
    short = where.reserve(40)
    assert short < 40
    board.memory = np.zeros(board.base + (1 << 20), np.uint8)
    assert where.reserve(40) == short
    where.reset()
    assert where.reserve(40) == 40


def test_a_frame_error_beside_whole_answers_is_told(package: Package) -> None:
    board = FakeBoard()
    where = place(package, board)
    where.reserve(3)
    through(where, 0, 3)
    board.frame_error = True
    where.start(0, 3)
    with pytest.raises(TransferError, match=r"reports ERRORS\.FRAME: a frame was cut short or too long"):
        where.finish(0)
