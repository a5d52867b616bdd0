"""The order of work in the two slots, and what is left under way when something goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.fake_board import HIGH, LOW, FakeBoard, network, write_package

from codesign_board import stream
from codesign_board.errors import BoardError, TransferError
from codesign_board.package import Package
from codesign_board.places.axi import AxiPlace
from codesign_board.stream import PingPong


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return Package.load(write_package(tmp_path_factory.mktemp("package")))


@pytest.fixture
def board() -> FakeBoard:
    return FakeBoard()


@pytest.fixture
def slots(package: Package, board: FakeBoard) -> PingPong:
    place = AxiPlace(package, board, "fake", "a fake board", patience_s=0.02)
    place.reserve(8)
    board.events.clear()
    return PingPong(place)


def chunks(*sizes: int) -> list[np.ndarray]:
    rng = np.random.default_rng(8)
    return [rng.integers(LOW, HIGH + 1, (size, 4, 6)) for size in sizes]


def test_one_chunk_is_packed_and_one_read_while_one_runs(
    slots: PingPong, board: FakeBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(name: str) -> Callable[..., Any]:
        work = getattr(stream, name)

        def call(*given: Any) -> Any:
            board.events.append(name)
            return work(*given)

        return call

    for name in ("pack", "unpack"):
        monkeypatch.setattr(stream, name, told(name))
    given = chunks(8, 3, 5, 8)
    for q, y in zip(given, slots.run(given), strict=True):
        assert np.array_equal(y, network(q))
    assert board.events == [
        *("pack", "start"),
        *("pack", "done", "start", "unpack"),
        *("pack", "done", "start", "unpack"),
        *("pack", "done", "start", "unpack"),
        *("done", "unpack"),
    ]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 11])
def test_outputs_come_in_order(slots: PingPong, count: int) -> None:
    given = chunks(*(1 + 5 * i % 8 for i in range(count)))
    found = list(slots.run(given))
    assert len(found) == count
    assert all(np.array_equal(y, network(q)) for q, y in zip(given, found, strict=True))


def test_an_error_of_the_source_leaves_nothing_under_way(slots: PingPong, board: FakeBoard) -> None:
    def source() -> Iterator[np.ndarray]:
        yield from chunks(4, 4)
        raise RuntimeError("the camera is gone")

    with pytest.raises(RuntimeError, match="the camera is gone"):
        list(slots.run(source()))
    assert board.events.count("start") == board.events.count("done") == 2
    assert slots.failure is None
    q = chunks(6)
    assert np.array_equal(next(slots.run(q)), network(q[0]))


def test_an_abandoned_run_leaves_nothing_under_way(slots: PingPong, board: FakeBoard) -> None:
    run = slots.run(chunks(4, 4, 4))
    next(run)
    assert board.events.count("start") == 2 and board.events.count("done") == 1
    run.close()
    assert board.events.count("start") == board.events.count("done") == 2


def test_a_failure_is_remembered_until_reset(slots: PingPong, board: FakeBoard) -> None:
    board.hang = True
    with pytest.raises(TransferError) as caught:
        list(slots.run(chunks(4)))
    assert slots.failure is caught.value
    board.hang = False
    slots.reset()
    assert slots.failure is None
    q = chunks(5, 2)
    assert [y.tolist() for y in slots.run(q)] == [network(each).tolist() for each in q]


def test_a_failure_of_what_was_left_under_way_does_not_hide_the_cause(slots: PingPong, board: FakeBoard) -> None:
    def source() -> Iterator[np.ndarray]:
        yield from chunks(4)
        board.hang = True
        raise RuntimeError("the camera is gone")

    with pytest.raises(RuntimeError, match="the camera is gone"):
        list(slots.run(source()))
    assert isinstance(slots.failure, TransferError)


def test_an_interrupt_is_remembered(slots: PingPong, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(slot: int) -> np.ndarray:
        raise KeyboardInterrupt

    monkeypatch.setattr(slots._place, "finish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(slots.run(chunks(4)))
    assert slots.failure is not None and "interrupted" in slots.failure.text


def test_a_reset_ends_the_runs_before_it(slots: PingPong, board: FakeBoard, tmp_path: Path) -> None:
    old = slots.run(chunks(4, 4, 4))
    next(old)
    slots.reset()
    given = chunks(5, 2, 3)
    run = slots.run(given)
    first = next(run)
    done = board.events.count("done")
    with pytest.raises(BoardError, match="ended by reset"):
        next(old)
    assert board.events.count("done") == done, "the old run touched the new one's slots"
    assert np.array_equal(np.concatenate([first, *run]), network(np.concatenate(given)))


def test_two_runs_do_not_mix(slots: PingPong) -> None:
    first = slots.run(chunks(4, 4, 4))
    next(first)
    with pytest.raises(BoardError, match="Another run is under way"):
        next(slots.run(chunks(4)))
    first.close()
    assert len(list(slots.run(chunks(4)))) == 1
